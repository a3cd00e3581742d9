import math

import numpy as np
import pandas as pd
import pytest

from stages.core.names.models import parse_model
from stages.extract.statics import trigram_surprisal as module
from stages.extract.statics.trigram_surprisal import passage_surprisal, run_surprisals

SPEC = parse_model("trigram:corpus.txt", {})


class Counted:
    """A model that is surprised by the letters of a word and by a hundred for each before it."""

    def surprisals(self, words):
        return [len(word) + 100.0 * min(at, 2) for at, word in enumerate(words)]


@pytest.fixture(autouse=True)
def counted(monkeypatch):
    monkeypatch.setattr(module, "open_trigrams", lambda path: Counted())


def passages(text, *focus):
    rows = [{"text": text, "start": start, "stop": stop} for start, stop in focus]
    return pd.DataFrame(rows)


@pytest.mark.parametrize(("pooling", "two"), [("last", 204.0), ("sum", 407.0), ("mean", 203.5)])
def test_the_focus_is_surprising_after_two_words(pooling, two):
    """Of `one two six four`: the first; the last after two; and both last together."""
    text = "one two six four"
    found = passage_surprisal(SPEC, passages(text, (0, 3), (12, 16), (8, 16)), pooling)
    assert found.dtype == np.float32
    assert found.tolist() == [[3.0], [204.0], [two]]


def test_words_after_the_focus_are_not_seen():
    found = passage_surprisal(SPEC, passages("one two six", (4, 7)), "last")
    assert found.tolist() == [[103.0]]


def test_stimuli_of_a_run_sum_over_their_words():
    nats, size = run_surprisals(SPEC, ["one", "naïve two", "six"])
    assert math.isnan(nats[0])
    assert nats[1:].tolist() == [105 + 203, 203]
    assert size.tolist() == [3, len(" naïve two".encode()), 4]
    one, _ = run_surprisals(SPEC, ["one two"])
    assert np.isnan(one).all()
