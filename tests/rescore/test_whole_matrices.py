"""RSA and CKA by products of matrices: against scipy, and by their definitions."""

import numpy as np
import pytest
from scipy.spatial.distance import pdist
from scipy.stats import spearmanr

from stages.core.regression.folds import Split
from stages.rescore.whole_matrices import (
    centred_kernel,
    debiased_kernel,
    in_parts,
    ranked_dissimilarities,
    shifted_products,
)


@pytest.fixture
def sides(rng):
    """Two sets of patterns of 30 samples that share some of what they hold."""
    common = rng.standard_normal((30, 4))
    return [
        common @ rng.standard_normal((4, units)) + rng.standard_normal((30, units)) + shift
        for units, shift in ((9, 2), (6, -1))
    ]


def test_dissimilarities_correlate_as_scipys(sides):
    expected = spearmanr(*(pdist(side, "correlation") for side in sides))[0]
    first, second = map(ranked_dissimilarities, sides)
    assert (first * second).sum() == pytest.approx(expected)
    assert expected > 0.2


def test_published_cka_is_that_of_its_definition(sides):
    x, y = (side - side.mean(axis=0) for side in sides)
    both, one, two = (np.linalg.norm(a.T @ b) for a, b in ((x, y), (x, x), (y, y)))
    first, second = map(centred_kernel, sides)
    assert (first * second).sum() == pytest.approx(both**2 / (one * two))


def test_debiased_cka_is_that_of_its_paper(sides):
    first, second = map(debiased_kernel, sides)
    kernels = [side @ side.T for side in sides]
    assert (first * second).sum() == pytest.approx(song(*kernels))


def song(first, second):
    """Debiased CKA by eq. 5 of Song et al. (2012), term by term."""

    def hsic(one, two):
        one, two = one - np.diag(np.diag(one)), two - np.diag(np.diag(two))
        n, ones = len(one), np.ones(len(one))
        sums = (ones @ one @ ones) * (ones @ two @ ones) / ((n - 1) * (n - 2))
        return np.trace(one @ two) + sums - 2 / (n - 2) * ones @ one @ two @ ones

    return hsic(first, second) / np.sqrt(hsic(first, first) * hsic(second, second))


def test_bias_is_what_noise_scores(rng):
    sides = [rng.standard_normal((20, 200)) for _ in range(2)]
    biased = np.vdot(*map(centred_kernel, sides))
    debiased = np.vdot(*map(debiased_kernel, sides))
    assert biased > 0.8
    assert abs(debiased) < 0.1


def test_parts_and_shifted_rows_are_made_anew(sides, rng):
    splits = [Split(np.arange(20, 30), np.arange(20)), Split(np.arange(20), np.arange(20, 30))]
    each = [np.vdot(*(centred_kernel(side[one.test]) for side in sides)) for one in splits]
    assert in_parts(centred_kernel, *sides, splits) == pytest.approx(np.mean(each))
    orders = np.array([rng.permutation(30) for _ in range(3)])
    first, second = sides
    for make in (debiased_kernel, ranked_dissimilarities):
        expected = [np.vdot(make(first), make(second[order])) for order in orders]
        assert shifted_products(make(first), make(second), orders) == pytest.approx(expected)
