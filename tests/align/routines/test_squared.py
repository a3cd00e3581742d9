"""Distances are the same in tiles, orders and precisions, kept or made of features."""

import numpy as np
import pytest
from numpy.testing import assert_allclose
from scipy.spatial.distance import pdist, squareform

from stages.align.representation import Dissimilarities
from stages.align.routines import tiles
from stages.align.routines.squared import is_kept, spread, squared_distances
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


def with_far_rows(rng, n_far, size):
    """Rows of which some lie far out, and those that do not."""
    rows = rng.standard_normal((300, 6)) + 5
    rows[7 : 7 + n_far] += 1e4 * np.arange(1, n_far + 1)[:, None]
    rows *= size
    return rows, np.delete(rows, slice(7, 7 + n_far), axis=0)


@pytest.mark.parametrize("size", [1.0, 1e-6])
@pytest.mark.parametrize("n_far", [1, 3])
def test_rows_far_out_tell_no_scale(rng, n_far, size):
    """The unit is that of the others; distances are those of SciPy whatever it is."""
    rows, near = with_far_rows(rng, n_far, size)
    square = squareform(pdist(rows, "sqeuclidean"))
    backend = make_backend(None, "float64", 2**28)
    found = squared_distances(rows, backend)
    assert_allclose(found.unit, 2 * ((near - near.mean(axis=0)) ** 2).sum(axis=1).mean())
    assert found.square is None
    between = found.between(slice(0, 300), slice(0, 300))
    assert_allclose(between, square / found.unit - 1, rtol=1e-6, atol=1e-6)


@pytest.mark.parametrize("size", [1.0, 1e-6])
@pytest.mark.parametrize("n_far", [1, 3])
def test_rows_far_out_of_a_matrix_tell_no_scale(rng, n_far, size):
    """Nor do several, though these raise the mean so much that none is far above it."""
    rows, near = with_far_rows(rng, n_far, size)
    square = squareform(pdist(rows, "sqeuclidean"))
    found = squared_distances(Dissimilarities(square), make_backend(None, "float64", 2**28))
    assert_allclose(found.unit, pdist(near, "sqeuclidean").mean())
    assert_allclose(found.most, square.max() / found.unit)
    between = found.between(slice(0, 300), slice(0, 300))
    assert_allclose(between, square / found.unit - 1, rtol=1e-9, atol=1e-9)


def test_where_all_others_are_alike_the_far_row_tells_the_scale():
    rows = np.zeros((20, 2))
    rows[4] = 30.0
    square = squareform(pdist(rows, "sqeuclidean"))
    backend = make_backend(None, "float64", 2**28)
    for source in (rows, Dissimilarities(square)):
        found = squared_distances(source, backend)
        assert_allclose(found.unit, 1800 * 19 / (20 * 19 / 2))


def test_rows_that_are_not_quite_far_out_are_as_the_others():
    """Distances of 100 times the median, and no more: the mean stays that of all."""
    n = 201
    for x, scale in ((100, 2 * (1 + 99 / (n * (n - 1) / 2))), (100.5, 2)):
        square = np.ones((n, n)) - np.eye(n)
        square[0, 1] = square[1, 0] = x
        found = squared_distances(Dissimilarities(square * 2), make_backend(None, "float64", 2**28))
        assert_allclose(found.unit, scale)
        assert_allclose(found.most, 2 * x / scale)


@pytest.mark.parametrize(
    ("n", "width", "orders", "kept"),
    [
        (10, 10, 1, True), (11, 10, 1, False), (20, 10, 2, True), (21, 10, 2, False),
        (20, 10, 5, True), (11, 10, 0, True), (99, None, 1, True),
    ],
)  # fmt: skip
def test_distances_are_kept_where_features_take_more_room(n, width, orders, kept):
    assert is_kept(n, width, orders) == kept


def test_some_rows_are_evenly_spaced():
    assert spread(5, 9).tolist() == [0, 1, 2, 3, 4]
    assert spread(101, 5).tolist() == [0, 25, 50, 75, 100]
    assert spread(1, 3).tolist() == [0]


def test_a_median_of_many_rows_is_that_of_a_thousand_of_them(rng):
    rows = rng.standard_normal((1500, 2))
    found = squared_distances(rows, make_backend(None, "float64", 2**28))
    some = rows[np.linspace(0, 1499, 1000).round().astype(int)]
    assert_allclose(found.median * np.sqrt(found.unit), np.median(pdist(some)))


def test_what_bounds_distances_is_four_times_the_longest_row(rng):
    """Two rows are no further apart than both are from the mean."""
    rows = rng.standard_normal((40, 3)) * [5, 1, 1] + 2
    found = squared_distances(rows, make_backend(None, "float64", 2**28))
    longest = ((rows - rows.mean(axis=0)) ** 2).sum(axis=1).max()
    assert_allclose(found.unit, pdist(rows, "sqeuclidean").mean())
    assert_allclose(found.most, 4 * longest / found.unit)
    assert len(found) == 40
