"""Moments under permuted rows are those of all permutations, or of very many."""

import numpy as np
import pytest
from numpy.testing import assert_allclose
from scipy.stats import kurtosis, rankdata, skew

from stages.align.nulls.invariants import invariants
from stages.align.nulls.moments import permutation_moments
from tests.align.nulls.matrices import (
    Whole,
    all_orders,
    compared,
    distances,
    drawn_orders,
    linear,
    normal,
    products,
    squares,
)

FORMS = {"off-diagonal": linear, "double-centred": linear, "pairs": distances}


def moments(one, other, form):
    return permutation_moments([invariants(Whole(one), form)], [invariants(Whole(other), form)])


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("n", [4, 5, 6, 7])
def test_they_are_those_of_all_permutations(rng, form, n):
    one, other = (FORMS[form](rng, n) for _ in range(2))
    drawn = products(compared(one, form), compared(other, form), all_orders(n))
    found = moments(one, other, form)
    assert_allclose(found.mean[0, 0], drawn.mean(), atol=1e-12)
    assert_allclose(found.sd[0, 0], drawn.std(), rtol=1e-10)
    assert_allclose(found.skewness[0, 0], skew(drawn), rtol=1e-9, atol=1e-9)
    assert_allclose(found.excess[0, 0], kurtosis(drawn), atol=1e-10)


def test_of_all_permutations_of_eight_rows_too(rng):
    """Eight rows are the fewest of which every pattern of four pairs is there."""
    one, other = (distances(rng, 8) for _ in range(2))
    drawn = products(compared(one, "pairs"), compared(other, "pairs"), all_orders(8))
    found = moments(one, other, "pairs")
    assert_allclose(found.sd[0, 0], drawn.std(), rtol=1e-10)
    assert_allclose(found.skewness[0, 0], skew(drawn), rtol=1e-10)
    assert_allclose(found.excess[0, 0] + 3, kurtosis(drawn) + 3, rtol=1e-10)


def test_ranks_with_ties_need_nothing_special(rng):
    one, other = (np.round(distances(rng, 7)) for _ in range(2))
    above = np.triu_indices(7, 1)
    ranked = []
    for matrix in (one, other):
        made = np.zeros((7, 7))
        made[above] = rankdata(matrix[above])
        ranked.append(made + made.T)
    centred = [compared(each - each[above].mean(), "pairs") for each in ranked]
    drawn = products(*centred, all_orders(7))
    sides = [[invariants(Whole(each), "pairs").without_level()] for each in ranked]
    found = permutation_moments(*sides)
    assert found.mean[0, 0] == 0
    assert_allclose(found.sd[0, 0], drawn.std(), rtol=1e-10)
    assert_allclose(found.skewness[0, 0], skew(drawn), rtol=1e-9)


@pytest.mark.parametrize("form", FORMS)
def test_they_are_near_those_of_many_draws_at_a_larger_size(rng, form):
    one, other = (FORMS[form](rng, 24) for _ in range(2))
    orders = drawn_orders(rng, 24, 40_000)
    drawn = products(compared(one, form), compared(other, form), orders)
    found = moments(one, other, form)
    assert_allclose(found.mean[0, 0], drawn.mean(), atol=0.02 * drawn.std())
    assert_allclose(found.sd[0, 0], drawn.std(), rtol=0.02)
    assert_allclose(found.skewness[0, 0], skew(drawn), atol=0.1)


def test_all_pairs_at_once_are_each_alone(rng):
    left, right = ([linear(rng, 12) for _ in range(count)] for count in (2, 3))
    sides = [[invariants(Whole(one), "off-diagonal") for one in side] for side in (left, right)]
    found = permutation_moments(*sides)
    for row, one in enumerate(left):
        for column, other in enumerate(right):
            alone = moments(one, other, "off-diagonal")
            for name, value in vars(alone).items():
                assert_allclose(getattr(found, name)[row, column], value[0, 0], rtol=1e-12)


def test_a_biased_kernel_gives_its_debiased_ones_too(rng):
    kernel = linear(rng, 15)
    apart = invariants(Whole(kernel), "off-diagonal")
    taken = invariants(Whole(kernel), "double-centred").off_diagonal()
    assert_allclose(list(taken.sums.values()), list(apart.sums.values()), atol=1e-12)
    assert_allclose((taken.size, taken.pair, taken.level), (apart.size, apart.pair, 0))


def test_what_scales_or_shifts_a_kernel_changes_nothing(rng):
    kernel, rows = linear(rng, 15), rng.standard_normal(15)
    before = invariants(Whole(kernel), "double-centred")
    after = invariants(Whole(3 * kernel + rows[:, None] + rows), "double-centred")
    assert_allclose(list(after.sums.values()), list(before.sums.values()), atol=1e-10)
    assert_allclose((after.level, after.size), (3 * before.level, 3 * before.size))


def test_single_precision_suffices(rng):
    """A wide kernel, which hardly varies, and rows far from the origin."""
    far = squares(linear(rng, 300, np.arange(1, 40) ** -0.5))
    kernel = np.expm1(-far / far.mean() / 30)
    exact = invariants(Whole(kernel), "double-centred")
    single = invariants(Whole(kernel.astype(np.float32)), "double-centred")
    assert_allclose(single.size, exact.size, rtol=1e-5)
    assert_allclose(list(single.sums.values()), list(exact.sums.values()), rtol=1e-3, atol=1e-6)


def rbf(rng, n, width):
    far = squares(linear(rng, n, np.ones(10)))
    return np.exp(-far / (2 * width**2 * np.median(far)))


@pytest.mark.parametrize(
    ("make", "tolerance"),
    [
        (lambda rng, n: normal(rng, n, np.ones(3)), 0.1),
        (lambda rng, n: normal(rng, n, np.arange(1, 60) ** -1.0), 0.1),
        (lambda rng, n: rbf(rng, n, 0.35), 0.1),
    ],
    ids=["low rank", "power law", "narrow"],
)
def test_some_rows_tell_skewness_and_tails_of_many(rng, make, tolerance):
    """The same kernels, of all rows and of 250 of them."""
    kernels = [make(rng, 600) for _ in range(2)]
    for form in ("off-diagonal", "double-centred", "pairs"):
        whole, part = (
            permutation_moments(*[[invariants(Whole(one), form, most)] for one in kernels])
            for most in (600, 500)
        )
        assert_allclose(part.mean, whole.mean, rtol=1e-12)
        assert_allclose(part.sd, whole.sd, rtol=1e-12)
        assert_allclose(part.skewness, whole.skewness, rtol=tolerance, atol=0.02)
        assert_allclose(part.excess, whole.excess, rtol=2 * tolerance, atol=0.02)


def test_the_share_of_one_pair_is_found_among_rows_that_are_not_drawn(rng):
    kernel = rbf(rng, 300, 0.05)
    kernel[1, 2] = kernel[2, 1] = 30
    found = invariants(Whole(kernel), "off-diagonal", 100)
    exact = invariants(Whole(kernel), "off-diagonal")
    assert_allclose(found.pair, exact.pair, rtol=1e-12)
    assert found.pair > 0.9


def test_effects_of_rows_are_unrelated_to_what_has_none():
    """One matrix of effects alone, and one of two even clusters."""
    effects = np.arange(8.0)
    rows = (effects[:, None] + effects) * (1 - np.eye(8))
    clusters = np.kron([[0, 1], [1, 0]], np.ones((4, 4)))
    sides = [[invariants(Whole(each.copy()), "pairs")] for each in (rows, clusters)]
    found = permutation_moments(*sides)
    assert (found.sd, found.skewness, found.excess) == (0, 0, 0)


def test_pairs_that_are_all_alike_have_no_moments():
    found = invariants(Whole(np.ones((6, 6))), "off-diagonal")
    assert set(found.sums.values()) == {0.0}
