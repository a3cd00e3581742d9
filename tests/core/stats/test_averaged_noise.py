import numpy as np
import pytest

from stages.core.stats.averaged_noise import ncsnr_of_averages, noise_ceiling


def test_it_is_the_formula_of_the_data_manual():
    ncsnr, (a, b, c) = np.array([0.2, 1.0, 3.0]), (5, 3, 2)
    repeats = np.array([3] * a + [2] * b + [1] * c)
    percent = 100 * ncsnr**2 / (ncsnr**2 + (a / 3 + b / 2 + c) / (a + b + c))
    np.testing.assert_allclose(noise_ceiling(ncsnr, repeats), np.sqrt(percent / 100))


def test_it_is_what_the_true_signal_reaches(rng):
    repeats = rng.integers(1, 4, 100_000)
    signal = 0.7 * rng.standard_normal(len(repeats))
    measured = signal + rng.standard_normal(len(repeats)) / np.sqrt(repeats)
    reached = np.corrcoef(signal, measured)[0, 1]
    assert noise_ceiling(np.array([0.7]), repeats)[0] == pytest.approx(reached, abs=0.01)


def test_no_signal_and_no_noise():
    found = noise_ceiling(np.array([0.0, 1e6]), np.array([1, 2, 3]))
    np.testing.assert_allclose(found, [0, 1])


@pytest.mark.parametrize("ncsnr", [0.0, 0.3, 1.0])
def test_the_variance_of_averages_tells_the_planted_ratio(rng, ncsnr):
    repeats = rng.integers(1, 5, 4000)
    signal = ncsnr * rng.standard_normal((4000, 30))
    noise = rng.standard_normal(signal.shape) / np.sqrt(repeats)[:, None]
    averages = (signal + noise) / np.sqrt(1 + ncsnr**2)  # single trials vary by 1
    found = ncsnr_of_averages(averages.var(axis=0, ddof=1), repeats)
    assert np.median(found**2) == pytest.approx(ncsnr**2, abs=0.05)


def test_variances_that_noise_alone_or_nothing_but_signal_makes():
    repeats = np.array([2, 2, 4, 4])  # noise leaves 3/8
    found = ncsnr_of_averages(np.array([0.2, 0.375, 1.0, 1.3]), repeats)
    np.testing.assert_array_equal(found, [0, 0, np.inf, np.inf])


def test_images_that_were_shown_once_tell_nothing():
    assert np.isnan(ncsnr_of_averages(np.array([0.5, 1.0]), np.ones(9, dtype=int))).all()


def test_what_is_given_in_single_precision_is_computed_in_double():
    repeats, given = np.array([1, 2, 3]), np.array([0.3, 0.83], dtype=np.float32)
    for one in (noise_ceiling, ncsnr_of_averages):
        np.testing.assert_array_equal(one(given, repeats), one(given.astype(float), repeats))
