"""Similarities are those of scipy and scikit-learn, with their floor, ceiling and null."""

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal
from scipy.spatial.distance import cosine as cosine_distance
from scipy.stats import spearmanr
from sklearn.metrics import cohen_kappa_score

from stages.profile.similarity import (
    kappa,
    permutations,
    preference,
    products,
    reliability,
    unit,
    unit_ranks,
)

FAMILIES = np.repeat(["a", "b", "c"], [10, 15, 5])


@pytest.fixture
def pair(rng):
    regions = rng.standard_normal((30, 3)).round(1)
    return regions, regions[:, :2] + rng.standard_normal((30, 2))


def test_features_are_permuted_within_their_family():
    orders = permutations(FAMILIES, 50, seed=0)
    assert orders.shape == (50, 30)
    assert_array_equal(np.sort(orders, axis=1), np.tile(np.arange(30), (50, 1)))
    assert (FAMILIES[orders] == FAMILIES).all()
    assert len(np.unique(orders, axis=0)) == 50
    assert_array_equal(orders, permutations(FAMILIES, 50, seed=0))


def test_cosine_and_spearman_are_those_of_scipy(pair):
    regions, layers = pair
    orders = permutations(FAMILIES, 4, seed=1)
    for scale, oracle in (
        (unit, lambda x, y: 1 - cosine_distance(x, y)),
        (unit_ranks, lambda x, y: spearmanr(x, y).statistic),
    ):
        observed, null = products(scale(regions), scale(layers), orders)
        for g in range(3):
            for k in range(2):
                assert np.isclose(observed[g, k], oracle(regions[:, g], layers[:, k]))
                for draw, order in enumerate(orders):
                    expected = oracle(regions[order, g], layers[:, k])
                    assert np.isclose(null[g, k, draw], expected)


def test_a_profile_is_identical_with_itself_and_noise_with_nothing(rng):
    vectors = rng.standard_normal((2000, 2))
    for scale in (unit, unit_ranks):
        observed, _ = products(scale(vectors), scale(vectors), np.arange(2000)[None])
        assert_allclose(np.diag(observed), 1)
        assert abs(observed[0, 1]) < 0.1


def test_zeros_are_like_nothing():
    assert_array_equal(unit(np.zeros((4, 1))), 0)
    assert_array_equal(unit_ranks(np.full((4, 1), 0.3)), 0)


def test_kappa_is_that_of_scikit_learn(rng):
    regions, layers = (rng.random((40, n)) < 0.4 for n in (3, 2))
    both, null = products(regions * 1.0, layers * 1.0, permutations(np.repeat("a", 40), 3, 0))
    sums = regions.sum(axis=0), layers.sum(axis=0), 40
    observed = kappa(both, *sums)
    for g in range(3):
        for k in range(2):
            assert np.isclose(observed[g, k], cohen_kappa_score(regions[:, g], layers[:, k]))
    assert kappa(null, *sums).shape == (3, 2, 3)


def test_kappa_is_one_for_equal_sets_and_zero_where_chance_decides():
    found = np.array([[1.0, 0, 1, 0]]).T
    assert kappa(found.T @ found, found.sum(axis=0), found.sum(axis=0), 4)[0, 0] == 1
    everything = np.ones((4, 1))
    sums = everything.sum(axis=0)
    assert kappa(everything.T @ everything, sums, sums, 4)[0, 0] == 0


def test_a_preference_has_no_part_in_common(rng):
    similarity = rng.standard_normal((4, 3, 5))
    particular = preference(similarity)
    assert_allclose(particular.mean(axis=0), 0, atol=1e-12)
    assert_allclose(particular.mean(axis=1), 0, atol=1e-12)
    common = rng.standard_normal((4, 1, 5)) + rng.standard_normal((1, 3, 5))
    assert_allclose(preference(similarity + common), particular, atol=1e-12)


def test_reliability_of_halves_is_that_of_the_whole(rng):
    """Planted: a profile and noise of known size in each half."""
    truth = rng.standard_normal((20_000, 1))
    odd, even = (truth + rng.standard_normal(truth.shape) for _ in range(2))
    found = reliability(unit_ranks(odd), unit_ranks(even))
    assert np.isclose(found[0], 2 / 3, atol=0.03)
    assert reliability(unit(truth), unit(truth))[0] == pytest.approx(1)
    assert reliability(unit(truth), unit(-truth))[0] == 0
