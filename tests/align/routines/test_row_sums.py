"""Sums of rows, tile by tile above the diagonal, are those of the whole matrix."""

import numpy as np
import pytest
from numpy.testing import assert_allclose

from stages.align.routines import tiles
from stages.align.routines.row_sums import no_sums


@pytest.mark.parametrize("height", [1, 4, 9])
@pytest.mark.parametrize("width", [1, 4, 7, 9])
def test_sums_of_tiles(rng, monkeypatch, height, width):
    n = 9
    monkeypatch.setattr(tiles, "WIDEST", width)
    half = np.triu(rng.standard_normal((n, n)), 1)
    whole, found = half + half.T, no_sums(n)
    for tile in tiles.cut_tiles(n, height):
        found.add(tile, half[tile.rows, tile.columns].copy())
    assert_allclose(found.sums, whole.sum(axis=1))
    assert_allclose(found.squares, (whole**2).sum(axis=1))
    assert found.most == np.abs(whole).max()
