"""Surprisal of words after one another, counted by hand."""

import math

import numpy as np
import pytest

from stages.simulate.language.expectation import bigram_surprisal

CORPUS = ["a", "b", "a", "c", "a", "b"]


def test_probabilities_are_counted_in_the_corpus_and_mixed():
    """With the texts, a occurs 5 times of 10, b 3, c and d once; a is followed by b twice of three.

    The last word of the corpus is followed by nothing: b was, once, by a.
    """
    found = bigram_surprisal(CORPUS, iter([["a", "b"], ["d", "a"]]))
    alone = {"a": 5 / 10, "b": 3 / 10, "d": 1 / 10}
    after_a = 0.2 * alone["b"] + 0.8 * (2 / 3)
    expected = [alone["a"], after_a, alone["d"], alone["a"]]
    np.testing.assert_allclose(found, [-math.log2(one) for one in expected])


@pytest.mark.parametrize(
    ("text", "pair"), [(["b", "a"], 1.0), (["c", "a"], 1.0), (["a", "a"], 0.0), (["a", "c"], 1 / 3)]
)
def test_the_share_of_a_pair_is_of_all_that_follows_its_first_word(text, pair):
    found = bigram_surprisal(CORPUS, [text])
    alone = ([*CORPUS, *text].count(text[1])) / 8
    assert found[1] == pytest.approx(-math.log2(0.2 * alone + 0.8 * pair))


def test_texts_follow_one_another_without_a_word_before_the_first():
    one, two = ["a", "b", "a"], ["b", "c"]
    whole = bigram_surprisal(CORPUS, [one, two])
    assert len(whole) == 5
    total = [*CORPUS, *one, *two]
    assert whole[3] == pytest.approx(-math.log2(total.count("b") / len(total)))
    assert whole[0] == pytest.approx(-math.log2(total.count("a") / len(total)))
