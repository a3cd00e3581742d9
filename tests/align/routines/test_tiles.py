"""Tiles hold every pair above the diagonal once, and none is larger than the first."""

import numpy as np
import pytest

from stages.align.routines import tiles
from stages.align.routines.tiles import cut_tiles


@pytest.mark.parametrize("n", [1, 5, 12, 13])
@pytest.mark.parametrize("height", [1, 3, 5, 99])
def test_every_pair_is_in_one_tile(monkeypatch, n, height):
    monkeypatch.setattr(tiles, "WIDEST", 5)
    seen = np.zeros((n, n), dtype=int)
    cuts = cut_tiles(n, height)
    for tile in cuts:
        part = np.ones(tile.shape, dtype=int)
        seen[tile.rows, tile.columns] += np.triu(part, 1) if tile.is_corner else part
        assert tile.size == part.size <= cuts[0].size
        assert tile.shape[0] <= min(height, 5)
        assert tile.shape[1] <= 5
    assert (seen == np.triu(np.ones((n, n), dtype=int), 1)).all()


def test_a_corner_is_as_wide_as_it_is_high_at_least():
    assert all(tile.shape[1] >= tile.shape[0] for tile in cut_tiles(1301, 128) if tile.is_corner)


def test_few_rows_are_one_tile():
    (tile,) = cut_tiles(tiles.WIDEST, 10_000)
    assert tile.shape == (tiles.WIDEST, tiles.WIDEST)
