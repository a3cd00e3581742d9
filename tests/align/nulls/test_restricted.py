"""Nulls within blocks are those of all such permutations; shifts those of a loop."""

import itertools

import numpy as np
import pytest
from numpy.testing import assert_allclose

from stages.align.nulls.restricted import block_null, circular_shifts
from stages.core.run.errors import InputError


def orders_within(blocks):
    """Every permutation that leaves each block in its place."""
    members = [np.flatnonzero(blocks == label) for label in np.unique(blocks)]
    for each in itertools.product(*(itertools.permutations(rows) for rows in members)):
        order = np.empty(len(blocks), dtype=int)
        for rows, moved in zip(members, each, strict=True):
            order[rows] = moved
        yield order


def symmetric(rng, n):
    drawn = rng.standard_normal((n, n))
    return drawn + drawn.T


@pytest.mark.parametrize(
    "blocks",
    [
        [0, 0, 0, 1, 1, 2],
        [0, 0, 0, 0, 1, 1, 2],
        [3, 1, 3, 1, 3, 1, 3, 1],
        [0, 0, 0, 0, 0, 1, 1, 1],
        [0] * 6,
        [0, 0, 1, 2],
    ],
)
def test_mean_and_variance_are_those_of_all_permutations_within_blocks(rng, blocks):
    blocks = np.array(blocks)
    a, b = (symmetric(rng, len(blocks)) for _ in range(2))
    drawn = [(a * b[np.ix_(order, order)]).sum() for order in orders_within(blocks)]
    found = block_null(a, b, blocks)
    assert_allclose(found.mean, np.mean(drawn), rtol=1e-10)
    assert_allclose(found.variance, np.var(drawn), rtol=1e-10)


def test_without_freedom_nothing_varies(rng):
    a, b = (symmetric(rng, 5) for _ in range(2))
    found = block_null(a, b, np.arange(5))
    assert_allclose(found.mean, (a * b).sum())
    assert found.variance == 0


def test_blocks_of_other_rows_are_refused(rng):
    with pytest.raises(InputError, match="shapes that do not agree"):
        block_null(symmetric(rng, 4), symmetric(rng, 5), np.zeros(4, dtype=int))


@pytest.mark.parametrize("n", [1, 8, 9])
def test_shifts_at_once_are_shifts_one_by_one(rng, n):
    a, b = rng.standard_normal((2, n, n))
    moved = [np.roll(b, (-s, -s), axis=(0, 1)) for s in range(n)]
    assert_allclose(circular_shifts(a, b), [(a * each).sum() for each in moved], atol=1e-12)
