"""Responses in every order of each block, against NumPy and a naive loop."""

import numpy as np
import torch
from numpy.testing import assert_allclose, assert_array_equal

from stages.core.regression.device_moved import move
from stages.core.stats.backend import make_backend
from tests.core.regression.drawn_responses import DRAWS, ROWS, N, drawn

DEVICE = make_backend("cpu", "float32", 2**20)


def test_targets_are_put_into_all_orders(rng):
    blocks, targets = drawn(rng).blocks, rng.standard_normal((N, 3))
    moved = move(targets, blocks, DEVICE)
    assert moved.shape == (3, DRAWS)
    for block, part, chosen in zip(blocks, moved.parts, moved.drawn, strict=True):
        assert part.dtype == torch.float32
        for target in range(3):
            for order, rows in enumerate(block.orders):
                assert_array_equal(part[target, order], targets[rows, target].astype(np.float32))
        assert_array_equal(chosen, block.drawn)


def test_what_draws_take_of_several_tables_is_added_up(rng):
    blocks = drawn(rng).blocks
    moved = move(rng.standard_normal((N, 3)), blocks, DEVICE)
    tables = [rng.standard_normal((3, len(block.orders), 2)) for block in blocks]
    given = [(place, torch.as_tensor(tables[place])) for place in (2, 0, 1)]
    expected = np.zeros((3, DRAWS, 2))
    for draw in range(DRAWS):
        for place in range(3):
            expected[:, draw] += tables[place][:, blocks[place].drawn[draw]]
    assert_allclose(moved.add_up(given), expected)
    for place, table in given:
        assert_array_equal(table, tables[place])


def test_sums_are_over_the_last_axis_and_keep_digits(rng):
    moved = move(rng.standard_normal((N, 3)), drawn(rng).blocks, DEVICE)
    values = np.full((2, 3), 2**24, dtype=np.float32)
    values[:, 1:] = 1
    found = moved.sum(torch.as_tensor(values))
    assert found.dtype == torch.float64
    assert_array_equal(found, [2**24 + 2] * 2)
    assert len(ROWS) == len(moved.parts)
