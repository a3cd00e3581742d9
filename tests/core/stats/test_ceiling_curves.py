"""Curves to infinitely many people: fitted as scipy does, and where they end."""

import numpy as np
import pytest
from numpy.testing import assert_allclose
from scipy.optimize import curve_fit

from stages.core.run.errors import InputError
from stages.core.stats.ceiling_curves import curve, endpoint, exponential, fit, one_factor

OTHERS = np.arange(1.0, 10.0)
PLANTED = [("exponential", 0.5, 3.0), ("one_factor", 0.6, 0.2)]


def test_by_hand():
    assert exponential(np.array(2.0), np.array(3.0)) == pytest.approx(1 - np.exp(-1))
    assert one_factor(np.array(4.0), np.array(0.25)) == pytest.approx(np.sqrt(1 / 1.75))
    assert one_factor(np.array(1e9), np.array(0.01)) == pytest.approx(1, abs=1e-6)


@pytest.mark.parametrize(("name", "ceiling", "shape"), PLANTED)
def test_what_was_planted_is_found(name, ceiling, shape):
    heights = ceiling * curve(name).form(OTHERS, np.array(shape))
    found = fit(name, OTHERS, np.stack([heights, heights / 2]))
    assert_allclose(found.ceiling, [ceiling, ceiling / 2], atol=1e-6)
    assert_allclose(found.shape, shape, rtol=1e-5)


@pytest.mark.parametrize(("name", "ceiling", "shape"), PLANTED)
def test_noisy_curves_are_fitted_as_scipy_fits_them(rng, name, ceiling, shape):
    form = curve(name).form
    heights = ceiling * form(OTHERS, np.array(shape)) + 0.02 * rng.standard_normal((20, 9))
    found = fit(name, OTHERS, heights)
    for row, height in enumerate(heights):
        (best, at), _ = curve_fit(
            lambda n, v, s: v * form(n, s),
            *(OTHERS, height, (ceiling, shape)),
            bounds=((0, 1e-4), (2, 1000)),
        )
        assert_allclose([found.ceiling[row], found.shape[row]], [best, at], rtol=2e-3)


def test_missing_sizes_are_left_out():
    heights = 0.6 * one_factor(OTHERS, np.array(0.2))
    heights[[3, 7]] = np.nan
    assert fit("one_factor", OTHERS, heights[None]).ceiling[0] == pytest.approx(0.6)
    heights[1:] = np.nan
    assert np.isnan(fit("one_factor", OTHERS, heights[None]).ceiling[0])


@pytest.mark.parametrize("name", ["exponential", "one_factor"])
def test_a_curve_that_does_not_bend_has_no_end(name):
    straight = 0.01 * (OTHERS + 1) if name == "exponential" else 0.01 * np.sqrt(OTHERS)
    found = fit(name, OTHERS, straight[None])
    assert np.isnan(found.ceiling[0])
    assert np.isnan(found.shape[0])


@pytest.mark.parametrize("name", ["exponential", "one_factor"])
def test_people_who_agree_wholly_or_the_other_way(name):
    found = fit(name, OTHERS, np.stack([np.ones(9), -0.1 * np.ones(9)]))
    assert_allclose(found.ceiling, [1, -0.1], atol=1e-6)


@pytest.mark.parametrize(("name", "ceiling", "shape"), PLANTED)
def test_the_end_is_where_one_more_adds_next_to_nothing(name, ceiling, shape):
    def height(n):
        return ceiling * float(curve(name).form(np.array(n), np.array(shape)))

    expected = next(n for n in range(1, 1000) if height(n + 1.0) - height(float(n)) < 0.0005)
    assert endpoint(name, ceiling, shape) == expected


def test_an_end_far_off_is_missing():
    assert np.isnan(endpoint("exponential", 2.0, 1000.0))


def test_a_curve_of_another_name():
    with pytest.raises(InputError, match=r"unknown curve: got 'exponental'. Did you mean 'expo"):
        curve("exponental")


@pytest.mark.parametrize(("end", "expected"), [(999, 999), (1000, np.nan)])
def test_an_end_is_looked_for_before_a_thousand_others(end, expected):
    """The first number at which one more adds less than .0005 is `end`, by construction."""
    ceiling = 0.0005 / (np.exp(-(end + 0.5) / 300) * (1 - np.exp(-1 / 300)))
    assert_allclose(endpoint("exponential", ceiling, 300.0), expected)


def test_shapes_are_looked_at_up_to_where_a_curve_hardly_bends():
    """A thousand people for the exponential, a correlation of .0001 and of 1 for one factor."""
    slow = fit("exponential", OTHERS, exponential(OTHERS, np.array([[900.0], [1500]])))
    assert_allclose(slow.shape, [900, np.nan], rtol=1e-4)
    weak = fit("one_factor", OTHERS, one_factor(OTHERS, np.array([[1.5e-4], [0.5e-4]])))
    assert_allclose(weak.shape, [1.5e-4, np.nan], rtol=1e-4)
    falls = fit("one_factor", OTHERS, one_factor(OTHERS, np.array([[1.5]])))
    assert falls.shape[0] == pytest.approx(1)


def test_two_sizes_are_enough_and_curves_are_counted_each_by_itself():
    heights = np.tile(0.6 * one_factor(OTHERS, np.array(0.2)), (2, 1))
    heights[0, 2:] = np.nan
    heights[1, 1:] = np.nan
    found = fit("one_factor", OTHERS, heights)
    assert_allclose(found.ceiling, [0.6, np.nan], atol=1e-6)


def test_a_curve_may_end_at_one_other():
    assert endpoint("exponential", 0.5, 0.1) == 1
