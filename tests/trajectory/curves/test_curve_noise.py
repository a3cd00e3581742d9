import numpy as np
import pytest
from scipy.stats import norm
from sklearn.isotonic import isotonic_regression

from stages.trajectory.curves.curve_noise import (
    lacking,
    noise_about_rise,
    noise_of_neighbours,
    noisier_times,
    relative_noise,
)
from stages.trajectory.onsets.onset_times import Ends, times_to

AT = np.r_[-np.inf, 0:8]
COURSE = 1 / (1 + np.exp(-(np.arange(9.0) - 4)))
SHARES = np.array([0.2, 0.25, 0.5, 0.75, 0.8])
ENDS = Ends(2, 3)


def test_noise_of_neighbours_by_a_loop(rng):
    curves = rng.normal(size=(2, 3, 8))
    found = noise_of_neighbours(curves)
    assert found.shape == (2, 3)
    for at in np.ndindex(2, 3):
        one = curves[at]
        bends = [abs(one[i - 1] - 2 * one[i] + one[i + 1]) for i in range(1, 7)]
        assert found[at] == pytest.approx(np.median(bends) / (norm.ppf(0.75) * 6**0.5))


def test_noise_about_a_rise_against_scikit_learn(rng):
    curves = 3 * COURSE + 0.5 * rng.normal(size=(2, 2, 9))
    squares, freedom = noise_about_rise(curves, ENDS)
    assert squares.shape == freedom.shape == (2, 2)
    for at in np.ndindex(2, 2):
        fitted = isotonic_regression(curves[at])
        rise = curves[at][-3:].mean() - curves[at][:2].mean()
        expected = ((curves[at] - fitted) ** 2).sum() / rise**2
        assert squares[at] == pytest.approx(expected)
        assert freedom[at] == 9 - len(np.unique(fitted.round(9)))


def test_noise_is_pooled_over_runs():
    squares, freedom = np.array([[2.0, 6.0], [0.0, 4.0]]), np.array([[1.0, 3.0], [0.0, 0.0]])
    assert relative_noise(squares, freedom) == pytest.approx([2**0.5, 2.0])


def test_only_the_cleaner_curve_lacks_noise():
    found = lacking(np.array([3.0, 5.0, 2.0]), np.array([5.0, 3.0, 2.0]))
    np.testing.assert_allclose(found, [4, 0, 0])


def test_times_without_further_noise_are_those_of_the_curve():
    how = {"shares": SHARES, "ends": ENDS, "draws": 3, "rng": np.random.default_rng(0)}
    found = noisier_times(AT, COURSE, np.asarray(0.0), **how)
    np.testing.assert_array_equal(found, times_to(AT, COURSE, SHARES, ENDS))


@pytest.mark.parametrize("draws", [4, 5])
@pytest.mark.parametrize("seed", range(4))
def test_noisier_times_by_a_loop(draws, seed):
    """A curve that begins to rise at once, so that some draws pass a share before step 1."""
    curves = np.array([2 * COURSE, np.r_[0.0, 0.3, 0.5, 0.6, 0.7, 0.8, 1, 1, 1]])
    extra = np.array([0.05, 0.2])
    how = {"shares": SHARES, "ends": ENDS, "draws": draws}
    found = noisier_times(AT, curves, extra, rng=np.random.default_rng(seed), **how)
    noise = np.random.default_rng(seed).normal(size=(draws, 2, 9))
    for at, curve in enumerate(curves):
        rise = curve[-3:].mean() - curve[:2].mean()
        times = [times_to(AT, curve + extra[at] * rise * one[at], SHARES, ENDS) for one in noise]
        for share in range(5):
            known = [time[share] for time in times if np.isfinite(time[share])]
            expected = np.mean(known) if 2 * len(known) >= draws else np.nan
            expected = expected if share in (1, 2, 3) else times[0][share]
            assert found[at, share] == pytest.approx(expected, nan_ok=True)
