"""Words that a tokenizer does not know, and tokens that a network has no vectors for."""

import json
import re
import shutil
from types import SimpleNamespace

import numpy as np
import pytest
import torch

from stages.core.names.models import parse_model
from stages.core.run.errors import InputError
from stages.extract.extraction import extract_story
from stages.extract.words.known_tokens import check_known, check_vectors
from stages.extract.words.tokens import Tokens

UNKNOWN = 1
BERT = SimpleNamespace(unk_token_id=UNKNOWN)


def tokens(*focus):
    """One word of these tokens, behind an unknown one that is not its own."""
    return Tokens({"input_ids": [UNKNOWN, *focus]}, np.arange(len(focus) + 1) > 0)


def test_a_share_of_unknown_tokens_is_told(caplog):
    check_known([tokens(5, UNKNOWN), *[tokens(7, 8)] * 9], BERT, "net")
    assert caplog.messages == ["net: 5 % of the tokens are of words unknown to it"]


@pytest.mark.parametrize(
    ("shown", "tokenizer"),
    [
        ([tokens(UNKNOWN), *[tokens(7)] * 50], BERT),
        ([tokens(7)], BERT),
        ([tokens(UNKNOWN)], SimpleNamespace(unk_token_id=None)),
        ([], BERT),
    ],
)
def test_few_and_none_are_not(caplog, shown, tokenizer):
    check_known(shown, tokenizer, "net")
    assert not caplog.messages


def test_a_tokenizer_that_knows_no_word():
    said = "tokenizer that knows none of the words in net: got only unknown tokens. The tokenizer"
    with pytest.raises(InputError, match=said):
        check_known([tokens(UNKNOWN), tokens(UNKNOWN, UNKNOWN)], BERT, "net")


def test_a_token_needs_a_vector():
    embedding = torch.nn.Embedding(9, 2)
    network = SimpleNamespace(get_input_embeddings=lambda: embedding)
    check_vectors([tokens(8)], network, "net")
    said = "token outside the network in net: expected tokens below 9, .*got 9"
    with pytest.raises(InputError, match=said):
        check_vectors([tokens(8), tokens(9, 3)], network, "net")


@pytest.fixture
def folder(tiny, tmp_path):
    return shutil.copytree(tiny("bert"), tmp_path / "model")


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ({}, "tokenizer that knows none of the words"),
        ({"the": 10**6}, "token outside the network in .*got 1000000"),
    ],
)
def test_a_folder_with_the_tokenizer_of_another(folder, story, settings, words, said):
    file = folder / "tokenizer.json"
    content = json.loads(file.read_text())
    whole = content["model"]["vocab"]
    special = {name: whole[name] for name in ("[PAD]", "[UNK]", "[CLS]", "[SEP]")}
    content["model"]["vocab"] = special | words
    file.write_text(json.dumps(content))
    stimuli = story(6).assign(text="the")
    spec = parse_model("tiny", {"tiny": f"file:{folder}"})
    told = extract_story(stimuli, spec, settings, folder / "out")
    assert re.search(said, told)
