"""Orders keep together what belongs together, and a null of them is one of no relation."""

import numpy as np
import pytest
from numpy.testing import assert_array_equal
from scipy.stats import binom

from stages.align.engine import align
from stages.align.row_orders import row_orders
from stages.core.run.errors import InputError

N, REPEATS = 100, 24
NAMES = ["cka_linear", "mutual_knn_5"]


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


def grouped(seed):
    """Five views of each of twenty objects, in a row."""
    rng = np.random.default_rng(seed)
    return np.repeat(rng.standard_normal((N // 5, 10)), 5, axis=0) + rng.normal(0, 0.5, (N, 10))


def filmed(seed):
    """Each frame is like the one before."""
    rng = np.random.default_rng(seed)
    rows = rng.standard_normal((N, 10))
    for row in range(1, N):
        rows[row] = 0.6 * rows[row - 1] + 0.8 * rows[row]
    return rows


@pytest.mark.parametrize(
    ("make", "permute", "block"), [(grouped, "blocks", 5), (filmed, "shifts", 10)]
)
def test_unrelated_stimuli_in_order_are_as_often_significant_as_they_should(make, permute, block):
    """With rows that trade places one by one, nearly all are."""
    sides = [[make([seed, side])] for side in (0, 1) for seed in range(REPEATS)]
    pairs = list(zip(sides[:REPEATS], sides[REPEATS:], strict=True))
    hits = {}
    for kind, size in (("rows", 1), (permute, block)):
        found = [
            align(*pair, NAMES, draws=79, seed=seed, permute=kind, block=size)
            for seed, pair in enumerate(pairs)
        ]
        hits[kind] = {name: sum(one[name].p.item() <= 0.05 for one in found) for name in NAMES}
    for name in NAMES:
        assert hits["rows"][name] > 0.75 * REPEATS
        assert hits[permute][name] <= binom.ppf(0.999, REPEATS, 0.06)


@pytest.mark.parametrize(("permute", "block"), [("blocks", 5), ("shifts", 10)])
def test_what_is_planted_is_found(permute, block):
    one = grouped(0)
    other = one + 0.5 * np.random.default_rng(1).standard_normal(one.shape)
    found = align([one], [other], NAMES, draws=79, seed=0, permute=permute, block=block)
    for score in found.values():
        assert score.drawn.all()
        assert score.p.item() == 1 / 80
        assert score.z.item() > 3
