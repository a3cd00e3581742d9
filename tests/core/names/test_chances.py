"""Chance is what drawn lists of neighbours have."""

import itertools

import numpy as np
import pytest
from numpy.testing import assert_allclose

from stages.core.names.chances import MOST_COMMON, common, returned, rising
from stages.core.names.metrics import parse_metric


def longest_rise(numbers):
    ends = []
    for number in numbers:
        place = int(np.searchsorted(ends, number))
        ends[place : place + 1] = [number]
    return len(ends)


@pytest.mark.parametrize("m", [1, 2, 3, 5, 7])
def test_the_longest_rise_is_that_of_all_permutations(m):
    assert_allclose(rising(m), np.mean([longest_rise(p) for p in itertools.permutations(range(m))]))


def test_the_longest_rise_is_that_of_drawn_permutations(rng):
    drawn = [longest_rise(rng.permutation(25)) for _ in range(4000)]
    assert_allclose(rising(25), np.mean(drawn), atol=4 * np.std(drawn) / np.sqrt(4000))


@pytest.mark.parametrize(("n", "k"), [(8, 3), (21, 10), (12, 11)])
def test_what_two_lists_have_in_common_is_that_of_drawn_ones(rng, n, k):
    """The order of one, seen from the other, whose numbers rise."""
    drawn = []
    for _ in range(3000):
        one = rng.permutation(n - 1)[:k]
        drawn.append(longest_rise(one[one < k]) / k)
    assert_allclose(common(n, k), np.mean(drawn), atol=4 * np.std(drawn) / np.sqrt(3000))


def test_it_is_below_that_of_lists_without_order():
    for k in (1, 5, 30):
        assert 0 < common(50, k) <= parse_metric(f"mutual_knn_{k}").chance(50) + 1e-12
    assert parse_metric("lcs_knn_10", 50).chance(50) == common(50, 10)
    assert common(500, MOST_COMMON + 1) is None


def test_hubs_are_not_in_the_chance_of_cycles():
    assert_allclose(returned(75, 10), 0.766, atol=5e-4)
