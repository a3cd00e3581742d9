"""Distances are the same in tiles, orders and precisions, kept or made of features."""

import numpy as np
import pytest
from numpy.testing import assert_allclose
from scipy.spatial.distance import pdist, squareform

from stages.align.representation import Dissimilarities
from stages.align.routines import tiles
from stages.align.routines.squared import squared_distances
from stages.align.routines.tiles import cut_tiles
from stages.core.stats.backend import make_backend

BACKENDS = [(None, "float64"), (None, "float32"), ("cpu", "float32")]


@pytest.fixture(params=[5, 300])
def features(request, rng):
    return rng.standard_normal((60, request.param)) + 9


@pytest.fixture
def narrow(monkeypatch):
    monkeypatch.setattr(tiles, "WIDEST", 23)


@pytest.mark.parametrize(("device", "dtype"), BACKENDS)
@pytest.mark.parametrize("orders", [1, 2])
@pytest.mark.usefixtures("narrow")
def test_every_tile_is_scipys(features, rng, device, dtype, orders):
    backend = make_backend(device, dtype, 2**28)
    square = squareform(pdist(features, "sqeuclidean"))
    unit = square.sum() / (60 * 59)
    for source in (features, Dissimilarities(square)):
        found = squared_distances(source, backend, orders)
        assert_allclose(found.unit, unit)
        assert found.most * unit >= square.max() * (1 - 1e-6)
        for order in (None, rng.permutation(60)):
            moved = square if order is None else square[np.ix_(order, order)]
            for tile in cut_tiles(60, 17):
                part = backend.host(found.tile(tile, order))
                expected = moved[tile.rows, tile.columns] / unit - 1
                assert_allclose(part, expected, atol=1e-5 if dtype == "float32" else 1e-12)


def test_the_median_is_that_of_all_pairs(rng, exact):
    for n in (6, 7, 300):
        rows = rng.standard_normal((n, 4))
        found = squared_distances(rows, exact)
        assert_allclose(found.median * np.sqrt(found.unit), np.median(pdist(rows)))


def test_features_in_single_precision_are_centred_in_double(rng):
    rows = rng.standard_normal((50, 20))
    far = (rows + 1000).astype(np.float32)
    found = squared_distances(far, make_backend(None, "float32", 2**28))
    expected = squareform(pdist(np.float64(far), "sqeuclidean")) / found.unit - 1
    assert_allclose(found.between(slice(0, 50), slice(0, 50)), expected, atol=1e-5)
