"""The distinct orders of each block rebuild every draw."""

import numpy as np
from numpy.testing import assert_array_equal

from stages.core.params.schema import Folds
from stages.core.regression.block_orders import block_orders
from stages.core.regression.folds import partition
from stages.core.stats.chance import draw_shifts

RUNS = np.repeat([1, 2, 3], [20, 24, 30])


def rebuilt(blocks, n_samples):
    """The orders of all draws, put together from those of the blocks."""
    orders = np.empty((len(blocks[0].drawn), n_samples), dtype=int)
    for block in blocks:
        orders[:, block.rows] = block.orders[block.drawn]
    return orders


def test_of_many_shifts_each_run_has_as_many_as_it_has_samples():
    runs = np.repeat(RUNS, 6)
    cut = partition(runs, Folds(scheme="runs", blocks=2, gap=2))
    orders = draw_shifts(cut.segments, 3000, 2, seed=0)
    blocks = block_orders(cut.folds, orders)
    assert [len(block.orders) for block in blocks] == [117, 141, 177]
    assert_array_equal(rebuilt(blocks, len(runs)), orders)


def test_any_permutation_is_an_order(rng):
    cut = partition(RUNS, Folds(scheme="runs", blocks=2, gap=2))
    orders = np.array([rng.permutation(len(RUNS)) for _ in range(9)])
    blocks = block_orders(cut.folds, orders)
    assert [len(block.orders) for block in blocks] == [9, 9, 9]
    assert_array_equal(rebuilt(blocks, len(RUNS)), orders)


def test_samples_that_no_fold_tests_are_a_block_of_their_own():
    cut = partition(RUNS, Folds(scheme="runs", blocks=2, gap=2))
    orders = draw_shifts(cut.segments, 5, 2, seed=0)
    blocks = block_orders(cut.folds[:2], orders)
    assert [set(RUNS[block.rows]) for block in blocks] == [{1}, {2}, {3}]
    assert_array_equal(rebuilt(blocks, len(RUNS)), orders)
