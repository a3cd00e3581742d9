"""SVCCA is what principal components and canonical correlations of scikit-learn give."""

import numpy as np
import pytest
from numpy.testing import assert_allclose
from scipy.linalg import subspace_angles
from sklearn.cross_decomposition import CCA
from sklearn.decomposition import PCA

from stages.align.engine import align
from stages.align.routines.subspaces import DIRECTIONS, leading, svcca
from stages.core.run.errors import InputError

N = 60


def score(x, y, backend, orders=None):
    orders = np.arange(len(x))[None] if orders is None else orders
    return svcca([x], [y], orders, backend)[0, 0]


def components(x):
    return PCA(n_components=min(DIRECTIONS, x.shape[1]), svd_solver="full").fit_transform(x)


@pytest.fixture
def views(rng):
    """A latent of 15 directions seen with noise: two wide views, and one of 6 units."""
    latent = rng.standard_normal((N, 15)) * np.linspace(3, 1, 15)
    return [
        latent @ rng.standard_normal((15, width)) + rng.standard_normal((N, width))
        for width in (25, 90, 6)
    ]


@pytest.mark.parametrize(("one", "other"), [(0, 1), (1, 0), (0, 2), (2, 1), (1, 1)])
def test_it_is_canonical_correlation_of_principal_components(views, exact, one, other):
    x, y = components(views[one]), components(views[other])
    count = min(x.shape[1], y.shape[1])
    fitted = CCA(n_components=count, scale=False, max_iter=50_000, tol=1e-9).fit(x, y)
    scores = zip(*(side.T for side in fitted.transform(x, y)), strict=True)
    expected = np.mean([np.corrcoef(a, b)[0, 1] for a, b in scores])
    assert_allclose(score(views[one], views[other], exact), expected, atol=1e-4)


@pytest.mark.parametrize(("one", "other"), [(0, 1), (2, 1), (1, 2)])
def test_it_is_the_mean_cosine_of_angles_between_subspaces(views, exact, one, other):
    angles = subspace_angles(components(views[one]), components(views[other]))
    assert_allclose(score(views[one], views[other], exact), np.cos(angles).mean(), atol=1e-12)


@pytest.mark.parametrize("width", [4, 25, 90])
def test_leading_directions_are_scikit_learns(rng, width):
    x = rng.standard_normal((N, width)) + 5
    found, scores = leading(x, "x"), components(x)
    count = scores.shape[1]
    assert_allclose(found.T @ found, np.diag([1] * count + [0] * (DIRECTIONS - count)), atol=1e-10)
    assert_allclose(np.abs(found[:, :count]), np.abs(scores / np.linalg.norm(scores, axis=0)))


def test_floor_and_ceiling(views, rng, exact):
    """Of unrelated subspaces the mean cosine is near sqrt(10 / n) times a constant below 1."""
    for x in views:
        assert_allclose(score(x, x, exact), 1)
    for n in (100, 400, 1600):
        x, y = rng.standard_normal((n, 50)), rng.standard_normal((n, 80))
        assert_allclose(score(x, y, exact), 0.85 * np.sqrt(DIRECTIONS / n), rtol=0.15)


def test_the_null_tells_noise_from_shared_directions(views, rng):
    noise = rng.standard_normal((N, 40))
    found = align([views[0]], [views[1], noise], ["svcca"], draws=99, seed=0)["svcca"]
    assert found.p[0, 0] <= 0.01
    assert found.p[0, 1] > 0.05


def test_planted_directions_are_counted(rng, exact):
    """Of ten orthogonal directions that carry all, five are shared."""
    drawn = rng.standard_normal((200, 15))
    basis, _ = np.linalg.qr(drawn - drawn.mean(axis=0))
    x, y = (basis[:, part] @ rng.standard_normal((10, 30)) for part in (slice(0, 10), slice(5, 15)))
    assert_allclose(score(x, y, exact), 0.5, atol=1e-10)


def test_rotation_scale_shift_and_joint_order_do_not_matter(views, rng, exact):
    x, y = views[:2]
    before = score(x, y, exact)
    turn, _ = np.linalg.qr(rng.standard_normal((25, 25)))
    assert_allclose(score(100 * x @ turn + 3, y, exact), before, atol=1e-10)
    order = rng.permutation(N)
    assert_allclose(score(x[order], y[order], exact), before, atol=1e-10)
    assert abs(score(x[order], y, exact) - before).max() > 0.1
    moved = score(x, y, exact, np.stack([np.arange(N), order]))
    assert_allclose(moved[1], score(x[order], y, exact)[0], atol=1e-12)


def test_too_few_rows_are_refused(rng):
    with pytest.raises(
        InputError, match=r"too few rows for svcca in left\[0\]: expected more than 11"
    ):
        leading(rng.standard_normal((11, 20)), "left[0]")
    assert leading(rng.standard_normal((12, 20)), "x").shape == (12, DIRECTIONS)


def test_dead_units_and_copies_add_no_direction(rng, exact):
    x, y = rng.standard_normal((N, 4)), rng.standard_normal((N, 30))
    padded = np.hstack([x, x, np.ones((N, 20))])
    assert_allclose(score(padded, y, exact), score(x, y, exact), atol=1e-10)
