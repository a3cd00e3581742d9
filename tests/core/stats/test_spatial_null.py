"""Smooth maps do not pass for gradients, and gradients of many regions do."""

import numpy as np
import pytest
from scipy.spatial.distance import pdist, squareform
from scipy.stats import binom, spearmanr

from stages.core.stats.random_fields import fit_fields, random_fields
from stages.core.stats.spatial_null import moran_axes, spatial_spearman


def places(n, rng):
    """Points on an ellipsoid as large as a head, in mm."""
    points = rng.normal(size=(n, 3))
    return points / np.linalg.norm(points, axis=1, keepdims=True) * [65, 85, 55]


def smooth(there, width, n, rng):
    """Maps whose covariance falls with distance as a Gaussian of that width in mm."""
    covariance = np.exp(-((squareform(pdist(there)) / width) ** 2) / 2)
    root = np.linalg.cholesky(covariance + 1e-6 * np.eye(len(there)))
    return (root @ rng.normal(size=(len(there), n))).T


def test_axes_are_orthonormal_maps_of_mean_zero_that_span_all(rng):
    axes = moran_axes(places(30, rng))
    assert axes.shape == (30, 29)
    np.testing.assert_allclose(axes.T @ axes, np.eye(29), atol=1e-10)
    np.testing.assert_allclose(axes.sum(axis=0), 0, atol=1e-10)


@pytest.mark.parametrize("unit", [1e-3, 1e-9, 1e9])
def test_the_unit_of_places_does_not_count(rng, unit):
    """In millimetres or in metres: the same maps, but for their signs."""
    at = places(30, rng)
    axes, others = moran_axes(at), moran_axes(at * unit)
    assert axes.shape == others.shape
    np.testing.assert_allclose(np.abs(axes.T @ others), np.eye(axes.shape[1]), atol=1e-6)


def test_drawn_maps_keep_what_neighbours_share(rng):
    """Moran's I of a map with new signs is that of the map itself."""
    there = places(60, rng)
    near = squareform(1 / pdist(there))
    axes = moran_axes(there)
    one = smooth(there, 30, 1, rng)[0]
    one -= one.mean()
    for _ in range(5):
        drawn = axes @ (rng.choice([-1, 1], axes.shape[1]) * (axes.T @ one))
        assert drawn @ near @ drawn == pytest.approx(one @ near @ one)
        assert abs(np.corrcoef(drawn, one)[0, 1]) < 0.9


@pytest.mark.parametrize("n", [5, 12])
def test_the_correlation_is_scipy_s_and_p_that_of_a_loop(rng, n):
    """Of five regions, drawn maps have the ranks of the map itself time and again."""
    there = places(n, rng)
    values, y = rng.integers(0, 4, size=(6, n)).astype(float), there[:, 1]
    rho, p, _ = spatial_spearman(values, y, there, 300, np.random.default_rng(1))
    np.testing.assert_allclose(rho, [spearmanr(one, y)[0] for one in values], atol=1e-12)
    axes, fields = moran_axes(there), random_fields(there)
    again = np.random.default_rng(1)
    signs = again.choice([-1.0, 1.0], size=(axes.shape[1], 300))
    ranks = np.argsort(np.argsort(y)) - (n - 1) / 2
    chosen = fit_fields(values, fields)
    noise = again.standard_normal((300, n)).T
    stricter = set()
    for one, found, chance, own in zip(values, rho, p, chosen, strict=True):
        mine = np.array([(one < v).sum() + ((one == v).sum() - 1) / 2 for v in one]) - (n - 1) / 2
        null = [np.corrcoef(axes @ (s * (axes.T @ mine)), ranks)[0, 1] for s in signs.T]
        smooth_maps = [spearmanr(one, y)[0] for one in (fields[own].root @ noise).T]
        reached = [np.sum(np.abs(maps) >= abs(found) - 1e-12) for maps in (null, smooth_maps)]
        assert chance == (max(reached) + 1) / 301
        stricter.add(int(np.argmax(reached)))
    assert stricter == {0, 1}


@pytest.mark.parametrize("width", [5, 20, 30, 40, 60])
def test_a_smooth_map_is_no_gradient(rng, width):
    """Permuted regions find one in half of those over 20 mm; signs alone in .14 and .29 at last."""
    found = []
    for _ in range(20):
        there = places(120, rng)
        maps = smooth(there, width, 20, rng)
        found += list(spatial_spearman(maps, there[:, 1], there, 199, rng)[1] <= 0.05)
    assert np.mean(found) <= binom.ppf(0.9999, 400, 0.08) / 400


def test_a_gradient_of_many_regions_is_found_among_smooth_noise(rng):
    found = []
    for _ in range(40):
        there = places(180, rng)
        line = there[:, 1] / there[:, 1].std()
        maps = smooth(there, 15, 1, rng) + 1.5 * line
        found += list(spatial_spearman(maps, there[:, 1], there, 199, rng)[1] <= 0.05)
    assert np.mean(found) > 0.8


def test_floor_and_ceiling(rng):
    there = places(12, rng)
    y = there[:, 1]
    values = np.stack([y, -(y**3), np.ones(12)])
    rho, p, width = spatial_spearman(values, y, there, 999, rng)
    assert np.isnan(width).tolist() == [False, False, True]
    np.testing.assert_allclose(rho[:2], [1, -1])
    assert (p[:2] <= 0.005).all()
    assert np.isnan([rho[2], p[2]]).all()


def test_places_that_coincide_are_borne(rng):
    there = places(10, rng)
    there[1] = there[0]
    assert np.isfinite(
        spatial_spearman(rng.normal(size=(3, 10)), there[:, 1], there, 99, rng)
    ).all()


def test_no_more_maps_than_1999_are_drawn_from_a_covariance(rng):
    there = places(12, rng)
    maps = smooth(there, 40, 20, rng)
    p = spatial_spearman(maps, there[:, 1], there, 2400, rng)[1]
    of_fields, of_signs = (
        np.isclose(p * n % 1, [[0], [1]], atol=1e-6).any(axis=0) for n in (2000, 2401)
    )
    assert (of_fields | of_signs).all()
    assert of_fields.sum() > 2
