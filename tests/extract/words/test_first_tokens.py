"""No vector of the language study is made of a causal network's first token."""

import numpy as np
import pytest
import torch

from stages.core.activations.activations import read_about, read_layer
from stages.core.names.models import parse_model
from stages.core.nets.load import load_network, load_tokenizer, open_model
from stages.core.params.schema import ExtractStory
from stages.core.recording.types import stimuli_digest
from stages.core.run.errors import InputError
from stages.extract.extraction import extract_story
from stages.extract.words.first_tokens import begun, is_pooled_first, sees_no_further
from stages.extract.words.tokens import Tokens


def layers_of(folder, stimuli, out, *, begun, pooling="last", context=4):
    settings = ExtractStory(
        presentation="context", context=context, pooling=pooling, attention=False
    )
    spec = parse_model("tiny", {"tiny": f"file:{folder}"})
    assert extract_story(stimuli, spec, settings, out, begun=begun) is None
    about, rows = read_about(out, stimuli_digest(stimuli))
    return np.stack([read_layer(out, name, about, len(rows)) for name in about.layers], axis=1)


def after_special(folder, text):
    """Layers of the last token of a text behind the special one, read by itself."""
    network = load_network(open_model(parse_model(f"file:{folder}", {})), False)
    tokenizer = load_tokenizer(folder)
    ids = torch.tensor([[tokenizer.eos_token_id, *tokenizer(text)["input_ids"]]])
    with torch.no_grad():
        states = network(input_ids=ids, output_hidden_states=True).hidden_states
    return np.stack([layer[0, -1].numpy() for layer in states])


@pytest.fixture
def words(story):
    """Two runs of words that are one token each."""
    return story(12).assign(text=["a", "b"] * 6)


def test_the_first_word_of_a_run_stands_behind_a_special_token_and_others_stay(
    tiny, words, tmp_path
):
    folder = tiny("gpt2")
    before = layers_of(folder, words, tmp_path / "before", begun=False)
    after = layers_of(folder, words, tmp_path / "after", begun=True)
    firsts = ~words["run"].duplicated().to_numpy()
    assert firsts.sum() == 2
    np.testing.assert_array_equal(before[~firsts], after[~firsts])
    for row in np.flatnonzero(firsts):
        expected = after_special(folder, words["text"][row])
        np.testing.assert_allclose(after[row], expected, atol=1e-5)
        assert not np.allclose(after[row], before[row], atol=1e-3)


def test_every_word_that_is_read_alone_does(tiny, words, tmp_path):
    alone = layers_of(tiny("gpt2"), words, tmp_path / "out", begun=True, context=1)
    expected = {word: after_special(tiny("gpt2"), word) for word in ("a", "b")}
    for word, one in zip(words["text"], alone, strict=True):
        np.testing.assert_allclose(one, expected[word], atol=1e-5)


@pytest.mark.parametrize("kind", ["bert", "t5"])
def test_networks_that_see_what_comes_read_as_before(tiny, words, tmp_path, kind):
    before = layers_of(tiny(kind), words, tmp_path / "before", begun=False)
    after = layers_of(tiny(kind), words, tmp_path / "after", begun=True)
    np.testing.assert_array_equal(before, after)


def test_networks_are_asked_what_they_see(tiny):
    seen = {}
    for kind in ("gpt2", "bert", "t5"):
        model = open_model(parse_model(f"file:{tiny(kind)}", {}))
        seen[kind] = sees_no_further(load_network(model, False))
    assert seen == {"gpt2": True, "bert": False, "t5": False}


def test_what_is_pooled_decides(tiny):
    tokenizer = load_tokenizer(tiny("gpt2"))

    def passage(*focus):
        ids = list(range(5, 5 + len(focus)))
        return Tokens({"input_ids": ids, "attention_mask": [1] * len(focus)}, np.array(focus))

    one, two, later = passage(True), passage(True, True), passage(False, True)
    asked = [is_pooled_first(each, how) for each in (one, two, later) for how in ("last", "mean")]
    assert asked == [True, True, False, True, False, False]
    first, second, third = begun([one, two, later], tokenizer, "mean", 3)
    assert first.inputs == {"input_ids": [tokenizer.eos_token_id, 5], "attention_mask": [1, 1]}
    assert second.focus.tolist() == [False, True, True]
    assert third is later
    with pytest.raises(InputError, match="at most 1 tokens, after a special one, got 2"):
        begun([two], tokenizer, "mean", 2)
