"""Tokens know the characters, or at least the word, that they stand for."""

import re

import numpy as np
import pytest

from stages.core.nets.embedded import embedded_folder
from stages.core.nets.load import load_tokenizer
from stages.core.nets.text_tokens import encode, word_offsets
from stages.core.run.errors import InputError
from tests.slow_tokenizers import Slow, save_ctrl

TEXTS = [
    "the old witch",
    "nobody",
    "the witch's village, overlooking a-quiet... flew",
    "a  b   the",
    "the the the old old the",
]


def spans(text):
    return np.array([match.span() for match in re.finditer(r"\S+", text)])


def covering(text, offsets):
    """The word in which a token ends; the oracle is the fast tokenizer's own offsets."""
    return [int(np.flatnonzero(spans(text)[:, 1] >= stop)[0]) for _, stop in offsets]


@pytest.mark.parametrize("special", [True, False])
@pytest.mark.parametrize("kind", ["bert", "gpt2", "minilm"])
def test_words_are_those_of_a_fast_tokenizer_with_its_offsets(tiny, kind, special):
    fast = load_tokenizer(
        embedded_folder("st", "all-MiniLM-L6-v2") if kind == "minilm" else tiny(kind)
    )
    texts = [text for text in TEXTS if kind != "gpt2" or "  " not in text]
    for text, told, found in zip(
        texts,
        encode(fast, texts, special=special),
        encode(Slow(fast), texts, special=special),
        strict=True,
    ):
        assert told.inputs == found.inputs
        np.testing.assert_array_equal(told.special, found.special)
        own = ~told.special
        expected = spans(text)[covering(text, told.offsets[own])]
        np.testing.assert_array_equal(found.offsets[own], expected)


def test_ctrl_spells_each_word(tmp_path):
    tokenizer = load_tokenizer(save_ctrl(tmp_path / "ctrl"))
    text = "the witch, overlooking the old village."
    (found,) = encode(tokenizer, [text])
    assert not found.special.any()
    pieces = tokenizer.convert_ids_to_tokens(found.inputs["input_ids"])
    for start, stop in spans(text):
        mine = (found.offsets == [start, stop]).all(axis=1)
        spelled = "".join(piece.replace("@@", "") for piece in np.array(pieces)[mine])
        assert spelled == text[start:stop]


def by_letters(word):
    return tuple(ord(letter) for letter in word if letter != " ")


def test_a_word_read_otherwise_in_its_place():
    """As Moses takes a full stop off the last word only."""
    text = "go on. go on."
    plain = [*by_letters("go on"), 1, *by_letters("go on"), 2, 3]
    found = word_offsets(text, plain, by_letters)
    expected = [(0, 2)] * 2 + [(3, 6)] * 3 + [(7, 9)] * 2 + [(10, 13)] * 4
    assert found.tolist() == [list(span) for span in expected]


def test_a_token_more_belongs_to_the_word_before():
    found = word_offsets("go on", [*by_letters("go"), 9, *by_letters("on")], by_letters)
    assert found.tolist() == [[0, 2]] * 3 + [[3, 5]] * 2


def test_a_word_gone_is_nobody_s():
    found = word_offsets("go x on", by_letters("go on"), by_letters)
    assert found.tolist() == [[0, 2]] * 2 + [[5, 7]] * 2


def test_tokens_of_several_words_at_once():
    with pytest.raises(InputError, match="tokens of several words at once .*: got 'go on"):
        word_offsets("go on", [7, 8], by_letters)


def test_no_text(tiny):
    for tokenizer in (load_tokenizer(tiny("bert")), Slow(load_tokenizer(tiny("bert")))):
        (found,) = encode(tokenizer, [""])
        assert found.special.all()
        assert encode(tokenizer, []) == [] if not tokenizer.is_fast else True
