import numpy as np
import pytest

from stages.prepare.nsd.ceiling import noise_ceiling


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
