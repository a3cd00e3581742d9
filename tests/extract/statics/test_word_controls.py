import numpy as np
import pandas as pd
import pytest

from stages.core.names.models import parse_model
from stages.core.run.errors import InputError
from stages.extract.statics.word_controls import (
    control_values,
    focuses,
    places_in_sentence,
    uniform,
)


def passages(*texts, runs=None):
    rows = [
        {"id": f"w{at}", "text": f"before {text}", "start": 7, "stop": 7 + len(text)}
        for at, text in enumerate(texts)
    ]
    return pd.DataFrame(rows).assign(run=runs or ["1"] * len(texts))


def values(model, *texts, pooling="mean", runs=None):
    return control_values(parse_model(model, {}), passages(*texts, runs=runs), pooling)


def test_lengths_are_words_and_characters():
    found = values("control:length", "a", "two words", "né 中")
    assert found.tolist() == [[1, 1], [2, 9], [2, 4]]


def test_places_begin_anew_in_each_run_and_sentence():
    found = values(
        "control:position", "He", "ran.", "She", "sat", "down!", "So", runs=list("aaabbb")
    )
    assert found.tolist() == [[1, 1], [2, 2], [3, 1], [1, 1], [2, 2], [3, 1]]
    mixed = values("control:position", "He", "She", "ran.", "sat", runs=list("abab"))
    assert mixed.tolist() == [[1, 1], [1, 1], [2, 2], [2, 2]]


@pytest.mark.parametrize(
    ("texts", "places"),
    [
        (["a b c.", "d e", "f"], [3, 2, 3]),
        (['"Go!"', "he", "said.)", "Why?’", "no"], [1, 1, 2, 1, 1]),
        (["Mr", "A.", "b;", "c"], [1, 2, 1, 2]),
        (["...", "a", "b."], [1, 1, 2]),
        (["a. b", "c"], [1, 2]),
    ],
)
def test_words_are_counted_within_sentences(texts, places):
    assert places_in_sentence(texts) == places


def test_numbers_hang_on_the_word_type_and_the_draw_alone():
    assert (uniform("Dog,", 5) == uniform("dog", 5)).all()
    assert not (uniform("dog", 5) == uniform("dogs", 5)).any()
    assert not (uniform("dog", 5) == uniform("dog", 5, "2")).any()
    assert not (uniform("...", 5) == uniform("!", 5)).any()
    many = np.stack([uniform(f"word{at}", 40) for at in range(500)])
    assert many.shape == (500, 40)
    assert 0 <= many.min() < 0.001
    assert 0.999 < many.max() < 1
    assert many.mean() == pytest.approx(0.5, abs=0.01)


@pytest.mark.parametrize("draw", ["", ":7"])
def test_numbers_are_pooled_as_vectors_are(draw):
    model = f"control:random-3{draw}"
    one, two = uniform("old", 3, draw[1:]), uniform("witch", 3, draw[1:])
    for pooling, expected in (("mean", (one + two) / 2), ("sum", one + two), ("last", two)):
        found = values(model, "Old witch!", "old", pooling=pooling)
        np.testing.assert_allclose(found, [expected, one])


def test_a_focus_without_a_word_is_refused():
    assert focuses(passages("a b", "c")) == ["a b", "c"]
    with pytest.raises(InputError, match="text without a word in stimuli, w1: got '  '"):
        focuses(passages("a", "  "))
