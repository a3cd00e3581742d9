"""The published bootstrap of a curve."""

import numpy as np
import pytest
from numpy.testing import assert_allclose

from stages.core.stats.ceiling_curves import exponential
from stages.core.stats.curve_bootstrap import extrapolate

OTHERS = np.repeat(np.arange(1, 8), 30)
SETTINGS = {"draws": 200, "seed": 0}


@pytest.fixture
def values(rng):
    heights = 0.5 * exponential(OTHERS.astype(float), np.array(2.0))
    return heights + 0.1 * rng.standard_normal(len(OTHERS))


def test_what_was_planted_is_in_the_interval(values):
    found = extrapolate("exponential", OTHERS, values, **SETTINGS)
    assert found.low < 0.5 < found.high
    assert found.ceiling == pytest.approx(0.5, abs=0.03)
    assert found.failed == 0
    assert_allclose(found.low, np.quantile(found.fits.ceiling, 0.025))
    assert found.endpoint == pytest.approx(10, abs=3)


def test_each_number_of_others_is_drawn_by_itself():
    """Values that are alike at each size leave the bootstrap nothing to vary."""
    found = extrapolate(
        "exponential", OTHERS, 0.4 * exponential(OTHERS * 1.0, np.array(2.0)), **SETTINGS
    )
    assert_allclose([found.low, found.ceiling, found.high], 0.4, atol=1e-6)


def test_the_same_seed_gives_the_same_draws(values):
    one, two = (extrapolate("one_factor", OTHERS, values, **SETTINGS) for _ in range(2))
    assert_allclose(one.fits.ceiling, two.fits.ceiling)
    other = extrapolate("one_factor", OTHERS, values, draws=200, seed=1)
    assert (one.fits.ceiling != other.fits.ceiling).any()


def test_failed_fits_are_counted_and_poison_nothing(rng):
    straight = 0.02 * (OTHERS + 1.0) + 0.05 * rng.standard_normal(len(OTHERS))
    found = extrapolate("exponential", OTHERS, straight, **SETTINGS)
    assert 0 < found.failed < 1
    assert np.isfinite([found.ceiling, found.low, found.high]).all()
    assert found.failed == np.isnan(found.fits.ceiling).mean()


def test_where_all_fail_nothing_is_said():
    found = extrapolate("exponential", OTHERS, 0.02 * (OTHERS + 1.0), **SETTINGS)
    assert found.failed == 1
    assert np.isnan([found.ceiling, found.low, found.high, found.endpoint]).all()
