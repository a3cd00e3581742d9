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
