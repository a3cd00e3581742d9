"""Passages and stories cut from what is told."""

from itertools import pairwise

import numpy as np
import pytest

from stages.simulate.language import sentences
from stages.simulate.language.sentences import write_passages, write_stories
from stages.simulate.story.story import PARAGRAPH, tell_story


def told(monkeypatch, length):
    """Passages of a story that is begun anew after so many words."""
    if length != 1000:
        monkeypatch.setattr(sentences, "LENGTH", length)
    return write_passages(8, np.random.default_rng(6))


def by_hand(length, count):
    """Sentences of one story after the other, cut where a paragraph or a first word stands."""
    rng, found = np.random.default_rng(6), []
    while len(found) < count:
        current = []
        tokens = tell_story([length], 0, rng)
        for at, token in enumerate(tokens):
            if token.text != PARAGRAPH:
                current.append(token.text)
            following = tokens[at + 1] if at + 1 < len(tokens) else None
            if following is None:
                break
            if current and (following.text == PARAGRAPH or following.position == 1):
                found.append(" ".join(current))
                current = []
    return found[:count]


@pytest.mark.parametrize("length", [60, 1000])
def test_four_sentences_are_a_passage_and_three_passages_a_topic(monkeypatch, length):
    passages = told(monkeypatch, length)
    assert [one.topic for one in passages] == [f"topic {n}" for n in (1, 1, 1, 2, 2, 2, 3, 3)]
    texts = [text for one in passages for text in one.sentences]
    assert [len(one.sentences) for one in passages] == [4] * 8
    assert texts == by_hand(length, 32)
    assert not any(PARAGRAPH in text.split() for text in texts)


def test_stories_are_told_one_after_the_other_without_their_marks():
    lengths = [120, 200, 90]
    found = write_stories(lengths, np.random.default_rng(2))
    tokens = [token.text for token in tell_story(lengths, 0, np.random.default_rng(2))]
    starts = [0, 120, 320, 410]
    expected = [
        [text for text in tokens[start:stop] if text != PARAGRAPH]
        for start, stop in pairwise(starts)
    ]
    assert found == expected
    assert len(found[0]) < 120
