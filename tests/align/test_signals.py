"""Responses made like the signal have its variances and its geometry."""

import numpy as np
import pytest
from numpy.testing import assert_allclose

from stages.align.signals import _squared_products, signal_like
from tests.align import naive
from tests.align.planted import plant


@pytest.mark.parametrize("width", [20, 90])
def test_signal_like_responses_match_both_moments(width):
    """Variances exactly, and the mean squared product in expectation over many rows."""
    rng = np.random.default_rng(2)
    signal, measured, share = plant(rng, width, 0.4, rank=5, n=2000)
    found = signal_like(measured, share)
    variance = measured.var(axis=0, ddof=1)
    assert_allclose(found.var(axis=0, ddof=1), share * variance, rtol=1e-9)
    assert_allclose(_squared_products(found), _squared_products(signal), rtol=0.05)
    assert _squared_products(signal) > 1.2 * _squared_products(measured * np.sqrt(share))


@pytest.mark.parametrize("width", [5, 50])
def test_squared_products_are_debiased_hsic(rng, width):
    rows = rng.standard_normal((30, width))
    rows -= rows.mean(axis=0)
    kernel = rows @ rows.T
    assert_allclose(_squared_products(rows), naive.hsic_unbiased(kernel, kernel))


def noise_of(rows, share):
    """What independent noise adds, voxel by voxel; squares of estimated variances are too large."""
    n = len(rows)
    total = 0.0
    for values, own in zip(rows.T, share, strict=True):
        variance = ((values - values.mean()) ** 2).sum() / (n - 1)
        total += variance**2 * ((1 - own) ** 2 + 2 * own * (1 - own)) * (n - 1) / (n + 1)
    return total


def geometry(rows):
    centred = rows - rows.mean(axis=0)
    kernel = centred @ centred.T
    return naive.hsic_unbiased(kernel, kernel)


@pytest.mark.parametrize("width", [6, 12, 30])
def test_of_few_rows_both_moments_are_as_asked_for(rng, width):
    rows = rng.standard_normal((12, 2)) @ rng.standard_normal((2, width)) * 3
    rows += rng.standard_normal(rows.shape) + 20
    share = rng.uniform(0.6, 0.95, width)
    found = signal_like(rows, share)
    assert_allclose(found.mean(axis=0), 0, atol=1e-9)
    assert_allclose(found.var(axis=0, ddof=1), share * rows.var(axis=0, ddof=1))
    assert_allclose(geometry(found), geometry(rows) - noise_of(rows, share), rtol=1e-4)


def test_where_all_is_signal_nothing_changes(rng):
    rows = rng.standard_normal((10, 5)) + 3
    assert_allclose(signal_like(rows, np.ones(5)), rows - rows.mean(axis=0), atol=1e-5)


def test_where_noise_takes_more_than_there_is_voxels_are_only_rescaled(rng):
    rows = np.linalg.qr(np.column_stack([np.ones(15), rng.standard_normal((15, 8))]))[0][:, 1:]
    share = np.full(8, 0.3)
    assert geometry(rows * np.sqrt(share)) > geometry(rows) - noise_of(rows, share)
    expected = (rows - rows.mean(axis=0)) * np.sqrt(share)
    assert_allclose(signal_like(rows, share), expected)


def test_where_more_is_left_than_voxels_can_share_one_direction_is_kept(rng):
    rows = np.outer(rng.standard_normal(14), rng.uniform(1, 2, 60))
    rows += 0.01 * rng.standard_normal(rows.shape)
    found = signal_like(rows, np.full(60, 0.9))
    sizes = np.linalg.svd(found, compute_uv=False)
    assert sizes[1] < 0.01 * sizes[0]
    assert_allclose(found.var(axis=0, ddof=1), 0.9 * rows.var(axis=0, ddof=1))


def test_voxels_without_variance_or_signal_become_nothing(rng):
    rows = rng.standard_normal((12, 5)).astype(np.float32)
    rows[:, 1] = 4
    share = np.array([0.9, 0.9, 0.0, 0.8, 0.7])
    found = signal_like(rows, share)
    assert found.dtype == np.float64
    assert_allclose(found[:, [1, 2]], 0, atol=1e-12)
    assert (found[:, [0, 3, 4]].std(axis=0) > 0).all()
