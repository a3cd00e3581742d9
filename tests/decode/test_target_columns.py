"""Shifted columns are those of targets that are shifted one by one."""

import numpy as np
import pytest
from numpy.testing import assert_allclose

from stages.core.regression.block_orders import block_orders
from stages.core.stats.chance import draw_shifts
from stages.decode.target_columns import PlainColumns, ShiftedColumns
from tests.decode.conftest import leave_out

RUNS = np.repeat([0, 1, 2], [30, 41, 52])
FOLDS = leave_out(RUNS)
N_SHIFTS = 70  # more than a run has samples, so that orders recur


@pytest.fixture
def series(rng):
    return rng.standard_normal((len(RUNS), 3)).astype(np.float32)


@pytest.fixture
def both(series):
    """The same columns shifted one by one, and by tables."""
    orders = draw_shifts(RUNS, N_SHIFTS, 2, 0)
    whole = np.column_stack([target[order] for target in series.T for order in orders])
    return PlainColumns(whole), ShiftedColumns(series, block_orders(FOLDS, orders))


@pytest.mark.parametrize(
    "rows",
    [FOLDS[0].outer.train, FOLDS[1].inner[0].train, FOLDS[2].outer.test, np.arange(25, 80, 2)],
    ids=["two runs", "with gaps", "one run", "parts of runs"],
)
def test_every_shift_is_that_of_a_loop(both, rng, rows):
    plain, shifted = both
    basis = rng.standard_normal((len(rows), 40)).astype(np.float32)
    assert (shifted.rows(rows) == plain.rows(rows)).all()
    assert_allclose(shifted.product(basis, rows), plain.product(basis, rows), atol=1e-4)
    assert_allclose(shifted.mean(rows), plain.mean(rows), atol=1e-7)
    for found, expected in zip(shifted.sums(rows), plain.sums(rows), strict=True):
        assert_allclose(found, expected, rtol=1e-5, atol=1e-5)
