"""The text to train on: long enough, of the grammar, and no copy of what people read."""

import numpy as np
import pytest

from stages.simulate.story.story import PARAGRAPH
from stages.simulate.story.study import make_story
from stages.simulate.story.texts import LENGTH, tell_corpus


@pytest.fixture(scope="module")
def corpus():
    return tell_corpus(4500, seed=3)


def paragraphs_of(words):
    found = " ".join(words).split(f" {PARAGRAPH}")
    return [one.strip() for one in found if one.strip()]


@pytest.mark.parametrize(("asked", "stories"), [(1, 1), (1000, 1), (1001, 2), (4500, 5)])
def test_so_many_words_in_whole_stories(asked, stories):
    text = tell_corpus(asked, seed=3)
    lines = text.split("\n")
    assert len(text.split()) + len(lines) == stories * LENGTH, "each line is a paragraph's mark"


def test_lines_are_paragraphs_of_sentences(corpus):
    for line in corpus.split("\n"):
        assert line == line.strip() != ""
        assert PARAGRAPH not in line.split()
        assert not line.startswith("@")
        assert line.rstrip('"')[-1] in ".?!…—"


def test_the_same_seed_tells_the_same(corpus):
    assert tell_corpus(4500, seed=3) == corpus
    assert tell_corpus(4500, seed=4) != corpus


def test_a_longer_corpus_begins_as_a_shorter_one(corpus):
    assert corpus.startswith(tell_corpus(2000, seed=3) + "\n")


def test_stories_differ_from_one_another(corpus):
    lines = corpus.split("\n")
    assert len(set(lines)) > 0.98 * len(lines)


def test_what_people_read_is_told_anew(corpus):
    """Of the same seed: other random numbers, so that no paragraph is the same but by chance."""
    read = set(paragraphs_of(make_story(3)[0]))
    assert len(read) > 50
    assert not read & set(corpus.split("\n"))


def test_words_are_those_that_people_read(corpus):
    """The grammar is the same: what is learnt of the one serves the other."""
    read = {word.strip(".,?!\"…—:@'").lower() for word in make_story(3)[0]}
    words = [word.strip(".,?!\"…—:'").lower() for word in corpus.split()]
    assert np.mean([word in read for word in words]) > 0.97
