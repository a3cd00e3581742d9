"""Orders keep together what belongs together."""

import numpy as np
import pytest
from numpy.testing import assert_array_equal

from stages.core.run.errors import InputError
from stages.core.stats.row_orders import row_orders

N = 100


def test_every_kind_leaves_the_first_order_and_loses_no_row():
    for permute, block in (("rows", 1), ("blocks", 7), ("shifts", 7)):
        orders = row_orders(N, 50, 3, permute, block)
        assert orders.shape == (51, N)
        assert_array_equal(orders[0], np.arange(N))
        assert_array_equal(np.sort(orders, axis=1), np.tile(np.arange(N), (51, 1)))
        assert_array_equal(orders, row_orders(N, 50, 3, permute, block))
        assert not np.array_equal(orders, row_orders(N, 50, 4, permute, block))


def test_rows_of_a_block_follow_each_other_as_before():
    """Blocks of seven, and one of two."""
    for order in row_orders(N, 20, 0, "blocks", 7):
        place = np.argsort(order)
        for start in range(0, N, 7):
            assert set(np.diff(place[start : start + 7])) <= {1}
    starts = row_orders(N, 300, 0, "blocks", 7)[1:, 0]
    assert len(set(starts)) == 15


def test_shifts_are_distinct_in_a_circle_and_not_small():
    orders = row_orders(N, 500, 0, "shifts", 7)
    assert len(orders) == 1 + 87  # there are no more
    shifts = (orders[1:] - np.arange(N)) % N
    assert (shifts == shifts[:, :1]).all()
    assert sorted(shifts[:, 0]) == list(range(7, 94))


@pytest.mark.parametrize(
    ("permute", "block", "most"), [("blocks", 25, 19), ("shifts", 42, 41), ("rows", 3, 1)]
)
def test_too_few_orders_are_refused_with_what_would_do(permute, block, most):
    with pytest.raises(InputError, match=f"block: expected .*{most}, got {block}"):
        row_orders(N, 50, 0, permute, block)
    row_orders(N, 50, 0, permute, most)


@pytest.mark.parametrize(("permute", "n"), [("blocks", 1), ("shifts", 18)])
def test_where_no_block_would_do_more_rows_are_asked_for(permute, n):
    with pytest.raises(InputError, match=f"of {n} rows.*expected more rows, got 1"):
        row_orders(n, 50, 0, permute, 1)


@pytest.mark.parametrize(("permute", "n"), [("blocks", 10), ("shifts", 20)])
def test_one_is_told_where_it_would_do(permute, n):
    with pytest.raises(InputError, match="expected at most 1, got 2"):
        row_orders(n, 50, 0, permute, 2)


def test_rows_are_drawn_by_themselves_unless_told_otherwise():
    assert_array_equal(row_orders(N, 5, 0), row_orders(N, 5, 0, "rows", 1))
