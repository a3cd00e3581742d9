"""Kernels of a side in tiles: what is left of them, and their sums, against whole matrices."""

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal
from scipy.spatial.distance import pdist, squareform

from stages.align.routines import kernel_blocks
from stages.align.routines.chains import chain, place_in
from stages.align.routines.kernel_blocks import make_side, prepare_kernels
from stages.align.routines.tiles import cut_tiles
from stages.core.names.metrics import parse_metric

N = 21
NAMES = ["cka_rbf_sigma_2_biased", "cka_rbf_sigma_4_biased", "cka_linear"]
METRICS = [parse_metric(name) for name in NAMES]
LINKS = chain(METRICS)


def kernels_of(squares):
    """By name, each but for a factor and a constant, which nothing that is centred hangs on."""
    return {
        "cka_rbf_sigma_2_biased": np.exp(-squares / 8),
        "cka_rbf_sigma_4_biased": np.exp(-squares / 32),
        "cka_linear": -squares,
    }


@pytest.fixture
def views(rng):
    return [rng.standard_normal((N, 4)) + 3, rng.standard_normal((N, 9))]


def squares_of(view):
    return squareform(pdist(view, "sqeuclidean"))


def as_whole(side, height, order=None):
    """What is left of every kernel, put together of tiles, shape (n_kernels, n_side, n, n)."""
    whole = np.zeros((len(side.links), len(side.each), N, N))
    for tile in cut_tiles(N, height):
        made = side.backend.get(side.fill(tile, order)).reshape(*whole.shape[:2], *tile.shape)
        assert (whole[:, :, tile.rows, tile.columns] == 0).all()
        whole[:, :, tile.rows, tile.columns] += made
    return whole


def margins_of(side):
    return np.stack([side.backend.get(one.margins) for one in side.each], axis=1)


@pytest.mark.parametrize("squares", [False, True])
@pytest.mark.parametrize("height", [4, N])
def test_what_is_left_and_its_sums(views, exact, squares, height):
    side = make_side("left", views, LINKS, orders=1, largest=N * N, backend=exact, squares=squares)
    assert side.n == N
    found, get = as_whole(side, height), exact.get
    assert_array_equal(found, np.triu(found, 1))
    margins = margins_of(side)
    both = found + found.swapaxes(2, 3)
    off = 1 - np.eye(N)
    for place, view in enumerate(views):
        for name, kernel in kernels_of(squares_of(view)).items():
            k = place_in(LINKS, METRICS[NAMES.index(name)])
            own = margins[k, place]
            made = (both[k, place] + own[:, None] + own) * off
            # Kernels come but for a factor and a constant; centring both tells the factor.
            mine, theirs = (one - one[off > 0].mean() for one in (made, kernel))
            factor = (mine * theirs * off).sum() / (theirs**2 * off).sum()
            assert factor > 0
            assert_allclose(mine * off, factor * theirs * off, rtol=1e-7, atol=1e-9)
    assert_allclose(get(side.sums), both.sum(axis=3), atol=1e-9)
    assert_allclose(get(side.power), (found**2).sum(axis=(2, 3)))
    if squares:
        assert_allclose(get(side.squares), (both**2).sum(axis=3))
        assert_allclose(side.most, np.abs(found).max(axis=(2, 3)))
    else:
        assert side.squares is None
        assert (side.most == 0).all()


@pytest.mark.parametrize("height", [4, N])
def test_in_another_order_rows_and_columns_move_and_nothing_is_added_up(views, rng, exact, height):
    side = make_side("left", views, LINKS, orders=2, largest=N * N, backend=exact)
    plain = as_whole(side, height)
    before = side.sums.copy(), side.power.copy()
    order = rng.permutation(N)
    moved = as_whole(side, height, order)
    both = plain + plain.swapaxes(2, 3)
    assert_allclose(moved + moved.swapaxes(2, 3), both[:, :, order][:, :, :, order], atol=1e-12)
    assert_array_equal(side.sums, before[0])
    assert_array_equal(side.power, before[1])
    kept = side.without_room()
    assert (len(kept.room), len(kept.scratch)) == (0, 0)
    assert kept.sums is side.sums


@pytest.mark.parametrize("landmarks", [5, N])
def test_margins_are_means_over_landmarks_without_themselves(views, exact, monkeypatch, landmarks):
    monkeypatch.setattr(kernel_blocks, "LANDMARKS", landmarks)
    links = chain([parse_metric("cka_linear")])
    made = prepare_kernels(views[0], links, "x", 1, exact)
    side = make_side("left", views[:1], links, orders=1, largest=N * N, backend=exact)
    found, own = as_whole(side, N)[0, 0], exact.get(made.margins)[0]
    kernel = (found + found.T + own[:, None] + own) * (1 - np.eye(N))
    some = np.round(np.linspace(0, N - 1, landmarks)).astype(int)
    mean = [kernel[some[some != row], row].mean() for row in range(N)]
    assert_allclose(own, mean - np.mean(mean) / 2, atol=1e-9)
