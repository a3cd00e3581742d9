"""Ceilings from correlations between people, against loops and planted loadings."""

from itertools import combinations

import numpy as np
import pytest
from numpy.testing import assert_allclose

from stages.core.stats.people_agreement import (
    half_masks,
    mean_agreement,
    signed_root,
    split_half,
    with_infinitely_many,
    with_others,
)
from stages.core.stats.reliability import spearman_brown


@pytest.fixture
def series(rng):
    made = rng.standard_normal((5, 200)) + rng.standard_normal(200) * np.arange(1, 6)[:, None] / 3
    return (made - made.mean(axis=1, keepdims=True)) / made.std(axis=1, keepdims=True)


def one_factor(loadings):
    correlations = np.outer(loadings, loadings)
    np.fill_diagonal(correlations, 1.0)
    return correlations


def test_each_with_the_mean_of_the_others_is_numpys_correlation(series):
    expected = [
        np.corrcoef(series[i], np.delete(series, i, axis=0).mean(axis=0))[0, 1] for i in range(5)
    ]
    found = with_others(np.stack([np.corrcoef(series), np.eye(5)]))
    assert_allclose(found[0], expected)
    assert_allclose(found[1], 0)


def test_others_that_cancel_tell_nothing():
    assert with_others(np.array([[1.0, 0.5, -0.5], [0.5, 1, -1], [-0.5, -1, 1]]))[0] == 0


def test_in_the_limit_one_factor_gives_back_its_loadings():
    loadings = np.array([0.2, 0.5, 0.9, 0.7])
    correlations = one_factor(loadings)
    others = [np.delete(loadings, i) for i in range(4)]
    pairs = [np.mean([a * b for a, b in combinations(one, 2)]) for one in others]
    expected = loadings * [one.mean() for one in others] / np.sqrt(pairs)
    assert_allclose(with_infinitely_many(correlations), expected)
    assert_allclose(with_infinitely_many(one_factor(np.full(5, 0.6))), 0.6)


def test_the_limit_is_where_many_people_come_to(rng):
    """Two groups with a factor of their own each: the limit needs no single factor."""
    n, samples = 400, 4000
    group = rng.integers(0, 2, n)
    shared, own = rng.standard_normal(samples), rng.standard_normal((2, samples))
    made = 0.5 * shared + 0.5 * own[group] + np.sqrt(0.5) * rng.standard_normal((n, samples))
    many = np.corrcoef(made[0], made[1:].mean(axis=0))[0, 1]
    assert_allclose(with_infinitely_many(np.corrcoef(made))[0], many, atol=0.01)


def test_where_others_do_not_agree_there_is_no_limit():
    apart = np.array([[1.0, 0.4, 0.4], [0.4, 1, -0.2], [0.4, -0.2, 1]])
    assert np.isnan(with_infinitely_many(apart)[0])
    assert np.isnan(with_infinitely_many(np.ones((2, 2)))).all()


def test_agreement_is_over_different_people():
    assert mean_agreement(one_factor([0.5, 0.8, 0.2])) == pytest.approx((0.4 + 0.1 + 0.16) / 3)
    assert np.isnan(mean_agreement(np.ones((1, 1))))


@pytest.mark.parametrize(("n", "count"), [(2, 1), (3, 3), (4, 3), (5, 10), (6, 10)])
def test_all_halves_are_there_once(n, count):
    halves = half_masks(n, 100, seed=0)
    splits = {frozenset([tuple(one), tuple(~one)]) for one in halves}
    assert len(splits) == len(halves) == count
    assert set(halves.sum(axis=1)) == {n // 2}


def test_of_many_halves_some_are_drawn():
    for n in (11, 12):
        halves = half_masks(n, 50, seed=0)
        assert len({frozenset([tuple(one), tuple(~one)]) for one in halves}) == 50
        assert (halves == half_masks(n, 50, seed=0)).all()
        assert (halves != half_masks(n, 50, seed=1)).any()


@pytest.mark.parametrize("n", [2, 3, 4, 7])
def test_halves_of_any_length_give_back_the_reliability(n):
    for rho in (0.05, 0.5, 0.95):
        found = split_half(one_factor(np.full(n, np.sqrt(rho))), half_masks(n, 100, seed=0))
        assert found == pytest.approx(spearman_brown(rho, n))


def test_split_half_is_a_loop_over_halves(series):
    r = []
    for one in combinations(range(4), 2):
        other = [i for i in range(4) if i not in one]
        r.append(np.corrcoef(series[list(one)].mean(axis=0), series[other].mean(axis=0))[0, 1])
    found = split_half(np.corrcoef(series[:4]), half_masks(4, 100, seed=0))
    assert found == pytest.approx(spearman_brown(float(np.mean(r)), 2))


def test_the_sign_of_the_halves_is_kept():
    apart = np.array([[1.0, -0.2], [-0.2, 1.0]])
    assert split_half(apart, half_masks(2, 9, seed=0)) == pytest.approx(-2 * 0.2 / 1.2)


def test_roots_keep_their_sign():
    assert_allclose(signed_root(np.array([-0.25, 4])), [-0.5, 2])


@pytest.mark.parametrize("n", [3, 4, 5])
def test_many_matrices_are_each_by_itself(rng, n):
    series = rng.standard_normal((2, 6, n, 30)) + rng.standard_normal((2, 6, 1, 30))
    many = np.array([[np.corrcoef(one) for one in row] for row in series])
    halves = half_masks(n, 100, seed=0)
    for of in (mean_agreement, with_others, with_infinitely_many, lambda r: split_half(r, halves)):
        found = of(many)
        for place in np.ndindex(2, 6):
            assert_allclose(found[place], of(many[place]))


def test_agreement_of_pairs_of_one_person_each_is_missing_for_each():
    assert_allclose(mean_agreement(np.ones((3, 1, 1))), [np.nan] * 3)


def test_others_that_nearly_cancel_are_as_long_as_they_are():
    apart = np.array([[1.0, 0.5, 0.3], [0.5, 1, -0.8], [0.3, -0.8, 1]])
    assert with_others(apart)[0] == pytest.approx(0.8 / np.sqrt(2 - 1.6))
    apart[1, 2] = apart[2, 1] = -1
    assert with_others(apart)[0] == 0


@pytest.mark.parametrize("shared", [0.1, 0.9])
def test_two_others_are_enough_for_a_limit(shared):
    three = np.array([[1.0, 0.2, 0.3], [0.2, 1, shared], [0.3, shared, 1]])
    assert with_infinitely_many(three)[0] == pytest.approx(0.25 / np.sqrt(shared))
    three[1, 2] = three[2, 1] = 0
    assert np.isnan(with_infinitely_many(three)[0])


def test_halves_that_nearly_cancel_are_as_long_as_they_are(rng):
    base = rng.standard_normal((2, 50))
    series = np.stack([base[0], base[1], -base[0], base[0] - base[1]])
    series = series + 0.4 * rng.standard_normal((4, 50))
    series = (series - series.mean(axis=1, keepdims=True)) / series.std(axis=1, keepdims=True)
    r = []
    for other in ([2, 3], [1, 3], [1, 2]):
        one = [i for i in range(4) if i not in other]
        r.append(np.corrcoef(series[one].mean(axis=0), series[other].mean(axis=0))[0, 1])
    own, mean = [abs(np.mean(r))], np.mean(r)
    expected = np.sign(mean) * spearman_brown(float(own[0]), 2)
    assert split_half(np.corrcoef(series), half_masks(4, 9, seed=0)) == pytest.approx(expected)


def test_a_half_that_cancels_tells_nothing():
    """Of three splits one has a half of length 0, and counts as a correlation of 0."""
    correlations = np.array(
        [[1, -1, 0.2, 0.2], [-1, 1, 0.2, 0.2], [0.2, 0.2, 1, 0.5], [0.2, 0.2, 0.5, 1]]
    )
    r = 2 / 3 * (0.2 + 0.5 - 1 + 0.2) / (2 + 0.4)
    expected = np.sign(r) * 2 * abs(r) / (1 + abs(r))
    assert split_half(correlations, half_masks(4, 9, seed=0)) == pytest.approx(expected)
