"""The isotonic fit against scikit-learn's, and the times at which it passes levels."""

import numpy as np
import pytest
from sklearn.isotonic import IsotonicRegression

from stages.core.run.errors import InputError
from stages.core.stats.monotone import isotonic, passing
from stages.trajectory.onsets.onset_times import Ends, octaves_of, times_to

SHARES = np.array([0.1, 0.25, 0.5, 0.75, 0.9])


def test_isotonic_is_that_of_scikit_learn(rng):
    values = rng.normal(size=(6, 5, 13)) + np.linspace(0, 2, 13)
    expected = [
        IsotonicRegression().fit_transform(np.arange(13), curve) for curve in values.reshape(-1, 13)
    ]
    np.testing.assert_allclose(isotonic(values).reshape(-1, 13), expected, atol=1e-12)


def test_isotonic_leaves_a_rising_curve_and_levels_a_falling_one():
    rising = np.array([0.0, 1.0, 1.0, 3.0])
    np.testing.assert_allclose(isotonic(rising), rising, atol=1e-12)
    np.testing.assert_allclose(isotonic(-rising), np.full(4, -rising.mean()), atol=1e-12)


def test_levels_are_passed_where_numpy_interpolates(rng):
    octaves, curve = np.arange(9.0), np.cumsum(rng.uniform(0.1, 1, size=9))
    levels = rng.uniform(curve[0] + 0.01, curve[-1], size=20)
    np.testing.assert_allclose(passing(octaves, curve, levels), np.interp(levels, curve, octaves))


def test_no_time_above_the_curve_nor_before_the_first_checkpoint():
    octaves = np.array([-np.inf, 0.0, 1.0, 2.0])
    curve = np.array([0.0, 0.5, 0.5, 1.0])
    found = passing(octaves, curve, np.array([0.25, 0.75, 2.0]))
    np.testing.assert_array_equal(found, [np.nan, 1.5, np.nan])


def test_times_of_a_course_are_its_own():
    octaves = np.concatenate([[-np.inf], np.arange(0, 24, 0.25)])
    course = 1 / (1 + np.exp(-(octaves - 11) / 0.8))
    expected = 11 + 0.8 * np.log(SHARES / (1 - SHARES))
    found = times_to(octaves, np.stack([course, 5 - 3 * (1 - course)]), SHARES, Ends(3, 3))
    np.testing.assert_allclose(found, [expected, expected], atol=0.02)


def test_octaves_refuse_what_does_not_increase():
    np.testing.assert_array_equal(octaves_of(np.array([0.0, 1, 8])), [-np.inf, 0, 3])
    with pytest.raises(InputError, match="not increasing"):
        octaves_of(np.array([0.0, 2, 2]))
    with pytest.raises(InputError, match="too few points"):
        times_to(np.arange(6.0), np.arange(6.0), SHARES, Ends(3, 3))


def test_a_level_that_the_first_point_has_was_passed_before():
    found = passing(np.arange(3.0), np.array([0.5, 0.6, 1.0]), np.array([0.5, 0.2, 0.6]))
    np.testing.assert_allclose(found, [np.nan, np.nan, 1.0])
