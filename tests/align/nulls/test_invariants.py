"""Shares are shares: the scale of a matrix does not change them, nor whether rows are sampled."""

import numpy as np
import pytest
from numpy.testing import assert_allclose

from stages.align.nulls.invariants import invariants, sampled
from tests.align.nulls.matrices import Whole


@pytest.mark.parametrize("most_rows", [24, 60])
def test_the_scale_of_a_matrix_changes_no_share(rng, most_rows):
    rows = rng.standard_normal((60, 5))
    rows[3] *= 4
    kernel = rows @ rows.T
    one, other = (
        invariants(Whole(kernel * scale), "off-diagonal", most_rows) for scale in (1, 1e-3)
    )
    for name in ("pair", "row", "busy"):
        assert 0 <= getattr(one, name) < 1
        assert_allclose(getattr(other, name), getattr(one, name), rtol=1e-6)
    assert (one.busy > 0.1) == (most_rows < 60)
    assert_allclose(other.size, 1e-3 * one.size)
    for name, value in one.sums.items():
        assert_allclose(other.sums[name], value, rtol=1e-6, atol=1e-9)


def test_of_one_pair_alone_it_takes_nearly_all():
    kernel = np.zeros((30, 30))
    kernel[4, 9] = kernel[9, 4] = -2.0
    assert 0.8 < invariants(Whole(kernel), "off-diagonal", 30).pair <= 1


def test_of_more_than_the_most_rows_alone_every_second_of_so_many_is_taken():
    assert sampled(10, 8).tolist() == [0, 3, 6, 9]
    assert sampled(6, 5).tolist() == [0, 5]


def test_as_many_rows_as_the_most_are_all_looked_at(rng):
    kernel = np.cov(rng.standard_normal((24, 5)))
    assert invariants(Whole(kernel.copy()), "off-diagonal", 24).exact
    assert not invariants(Whole(kernel.copy()), "off-diagonal", 23).exact


@pytest.mark.parametrize("most_rows", [20, 40])
def test_a_biased_kernel_less_its_diagonal_is_the_debiased_one(rng, most_rows):
    rows = rng.standard_normal((40, 5)) * [9, 3, 1, 1, 1] + 2
    kernel = rows @ rows.T
    biased, other = (
        invariants(Whole(kernel.copy()), form, most_rows)
        for form in ("double-centred", "off-diagonal")
    )
    one = biased.off_diagonal()
    assert biased.size > 1.001 * one.size
    assert (one.n, one.level, one.row, one.exact) == (40, 0, 0, most_rows == 40)
    for name in ("size", "pair", "busy"):
        assert_allclose(getattr(one, name), getattr(other, name), rtol=1e-9)
    assert list(one.sums) == list(other.sums)
    for name, value in other.sums.items():
        assert_allclose(one.sums[name], value, rtol=1e-8, atol=1e-10, err_msg=name)


def test_parts_add_up_to_the_squares_of_pairs(rng):
    """Of dissimilarities: level, effects of rows and the rest; without the level, the others."""
    far = np.abs(rng.standard_normal((24, 24))) + 3
    far = np.triu(far, 1) + np.triu(far, 1).T
    found = invariants(Whole(far.copy()), "pairs", 24)
    off = far[~np.eye(24, dtype=bool)]
    assert_allclose(found.norm, np.sqrt(np.square(off).sum()))
    assert_allclose(found.size, np.sqrt(np.square(off - off.mean()).sum()))
    assert_allclose(found.without_level().norm, found.size)
    assert found.without_level().sums == found.sums


def test_rows_that_are_all_equally_far_have_sums_of_nothing():
    found = invariants(Whole(2 * (1 - np.eye(24))), "pairs", 24)
    assert found.size == 1
    assert_allclose(found.norm, np.hypot(np.sqrt(24 * 23) * 2, 1))
    assert_allclose(list(found.sums.values()), 0, atol=1e-12)
    assert_allclose(list(found.off_diagonal().sums.values()), 0, atol=1e-12)


def test_shares_are_those_of_the_largest_pair_and_row(rng):
    """A row 3 that is further from all others, and a pair that is further still."""
    far = np.ones((30, 30)) - np.eye(30)
    far[3], far[:, 3], far[3, 3] = 2, 2, 0
    far[8, 9] = far[9, 8] = 5
    found = [invariants(Whole(far.copy()), "pairs", most) for most in (30, 20)]
    off = ~np.eye(30, dtype=bool)
    left = np.where(off, far - far[off].mean(), 0)
    effects = left.sum(axis=1) / 28
    rest = np.where(off, left - effects[:, None] - effects, 0)
    assert_allclose(found[0].pair, 2 * np.square(rest).max() / np.square(left).sum(), rtol=1e-9)
    assert_allclose(found[1].pair, found[0].pair, rtol=1e-9)
    for one in found:
        assert_allclose(one.row, 2 * 28 * np.square(effects).max() / np.square(left).sum())


def test_a_bound_of_a_pair_is_looked_into_where_it_is_large(rng):
    """Above a tenth it is the share itself, below it at least that."""
    whole, bound = [], []
    for height in (3.0, 4.0, 5.0):
        far = rng.random((40, 40))
        far = np.triu(far, 1) + np.triu(far, 1).T
        far[8, 9] = far[9, 8] = height
        whole.append(invariants(Whole(far.copy()), "pairs", 40).pair)
        bound.append(invariants(Whole(far.copy()), "pairs", 30).pair)
    assert 1.001 * whole[0] < bound[0] < min(0.1, 1.1 * whole[0])
    assert 0.1 < whole[1] < 0.2 < whole[2]
    assert_allclose(bound[1:], whole[1:], rtol=1e-9)
