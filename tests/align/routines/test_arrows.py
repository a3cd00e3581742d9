"""Neighbours and arrows by hand, and memberships against loops over rows."""

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal

from stages.align.routines.arrows import Arrows, Neighbours
from stages.align.routines.equals import Equals

ROWS = np.array([[1, 2, 3], [0, 3, 2], [3, 0, 1], [2, 1, 0]], dtype=np.int32)
LIKENESS = np.arange(12.0).reshape(4, 3)
ORDER = np.array([2, 0, 3, 1])
# Row 1: its second and third neighbour are as near; row 3: all are; but none else.
EQUALS = Equals(
    np.array([1, 1, 1, 3, 3, 3]), np.array([0, 3, 2, 2, 1, 0]), np.array([0, 1, 1, 4, 4, 4])
)


@pytest.mark.parametrize("k", [1, 2])
def test_arrows_go_from_each_row_to_its_nearest(k):
    arrows = Neighbours(ROWS, LIKENESS).arrows(k)
    told = list(zip(arrows.source, arrows.target, arrows.likeness, strict=True))
    assert told == [(i, ROWS[i, j], LIKENESS[i, j]) for i in range(4) for j in range(k)]


def test_arrows_are_renamed_with_their_rows():
    """Row 2 comes first, row 0 second, row 3 third, row 1 last."""
    arrows = Arrows(np.array([0, 2, 3]), np.array([1, 3, 0]), np.array([0.1, 0.2, 0.3]))
    found = arrows.reorder(ORDER)
    assert_array_equal(found.source, [1, 0, 2])
    assert_array_equal(found.target, [3, 2, 1])
    assert_array_equal(found.likeness, [0.1, 0.2, 0.3])
    assert found.source.dtype == np.int32


def test_neighbours_are_renamed_and_moved():
    found = Neighbours(ROWS, LIKENESS).reorder(ORDER)
    for place, row in enumerate(ORDER):
        assert_array_equal(ORDER[found.rows[place]], ROWS[row])
        assert_array_equal(found.likeness[place], LIKENESS[row])


@pytest.mark.parametrize(("k", "split"), [(1, [3]), (2, [1, 3]), (3, [])])
def test_rows_whose_ties_are_cut(k, split):
    found = Neighbours(ROWS, LIKENESS, EQUALS).split_rows(k)
    assert_array_equal(found, split)
    assert found.dtype == np.intp
    none = Neighbours(ROWS, LIKENESS).split_rows(k)
    assert (len(none), none.dtype) == (0, np.intp)


@pytest.mark.parametrize("k", [1, 2, 3])
def test_memberships_are_shares_of_places(k):
    """Ones in the order found; of row 1 and 3, what places there are for those equally near."""
    neighbours = Neighbours(ROWS, LIKENESS, EQUALS)
    one = np.zeros((4, 4))
    for i in range(4):
        one[i, ROWS[i, :k]] = 1
    assert_array_equal(neighbours.in_one_order(k).toarray(), one)
    assert neighbours.in_one_order(k).nnz == 4 * k
    tied = one.copy()
    tied[3, [0, 1, 2]] = k / 3
    tied[1] = {1: [1, 0, 0, 0], 2: [1, 0, 0.5, 0.5], 3: [1, 0, 1, 1]}[k]
    found = neighbours.memberships(k)
    assert_allclose(found.toarray(), tied)
    assert_allclose(found.sum(axis=1), k)
    assert found.nnz == (tied > 0).sum()
    assert_array_equal(Neighbours(ROWS, LIKENESS).memberships(k).toarray(), one)
    assert neighbours.count_entries(k) == 4 * k + 6
    assert Neighbours(ROWS, LIKENESS).count_entries(k) == 4 * k
