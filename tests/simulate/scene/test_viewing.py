from types import SimpleNamespace

import numpy as np
import pytest
from scipy.stats import zscore

from stages.simulate.scene.cortical_areas import UNKNOWN, area_number
from stages.simulate.scene.viewing import (
    DRIFT,
    SHARED_NOISE,
    area_signals,
    session_betas,
    signal_to_noise,
    trial_noise,
)

V1, V2, MOTOR = (area_number(name) for name in ("V1", "V2", "4"))
ABOVE = np.triu_indices(60, 1)


def people(*numbers):
    return SimpleNamespace(numbers=np.array(numbers))


def kernel(values):
    centred = values - values.mean(axis=0)
    return (centred @ centred.T)[ABOVE]


@pytest.fixture
def layers(rng):
    """Two layers of 60 images that share half of what they hold, far from zero."""
    common = rng.standard_normal((60, 20))
    return [100 + common + rng.standard_normal((60, 20)) for _ in range(2)]


def test_the_kernel_of_an_area_is_that_of_its_layer(layers, rng):
    slab = people(*[V1] * 4000, *[V2] * 4000)
    signals = area_signals(slab, {"V1": layers[0], "V2": layers[1]}, rng)
    for area, layer, other in ((V1, *layers), (V2, *layers[::-1])):
        found = kernel(signals[:, slab.numbers == area])
        assert np.corrcoef(found, kernel(layer))[0, 1] > 0.99
        assert np.corrcoef(found, kernel(other))[0, 1] < 0.8


def test_signals_have_unit_variance_where_something_drives(layers, rng):
    slab = people(V1, *[V1] * 50, MOTOR, UNKNOWN, V2)
    signals = area_signals(slab, {"V1": layers[0], "4": None}, rng)
    assert (signals[:, :51] ** 2).mean() == pytest.approx(1)
    assert np.allclose(signals.mean(axis=0), 0)
    assert (signals[:, 51:] == 0).all()


def test_noise_has_unit_variance_partly_common_to_an_area(rng):
    numbers = np.array([V1, V1, V2, V2])
    sessions = [trial_noise(numbers, 750, rng) for _ in range(60)]
    covariance = np.mean([s.T @ s / len(s) for s in sessions], axis=0)
    expected = np.eye(4) + SHARED_NOISE * np.array(
        [[0, 1, 0, 0], [1, 0, 0, 0], [0, 0, 0, 1], [0, 0, 1, 0]]
    )
    np.testing.assert_allclose(covariance, expected, atol=0.04)


def test_noise_drifts_slowly(rng):
    sessions = [trial_noise(np.array([V1]), 750, rng)[:, 0] for _ in range(60)]
    following = np.mean([(s[1:] * s[:-1]).mean() for s in sessions])
    assert following == pytest.approx(DRIFT, abs=0.03)
    far = np.mean([(s[200:] * s[:-200]).mean() for s in sessions])
    assert abs(far) < DRIFT


@pytest.mark.parametrize("signal", [0.0, 0.5, 2.0])
def test_betas_hold_signal_and_noise_in_the_ratio_asked(signal, rng):
    shown = rng.standard_normal((750, 300))
    betas = session_betas(shown, np.full(300, V1), signal, rng)
    slopes = (betas * shown).mean(axis=0) / (shown**2).mean(axis=0)
    residual = (betas - slopes * shown).std(axis=0)
    assert np.median(slopes / residual) == pytest.approx(signal, abs=0.05)


def test_levels_and_gains_differ_between_sessions_and_go_by_standardising(rng):
    shown = rng.standard_normal((750, 300))
    one, other = (session_betas(shown, np.full(300, V1), 3.0, rng) for _ in range(2))
    assert np.abs(one.mean(axis=0) - other.mean(axis=0)).mean() > 0.3
    assert np.abs(one.std(axis=0) / other.std(axis=0) - 1).mean() > 0.1
    np.testing.assert_allclose(zscore(one).std(), zscore(other).std())
    alike = (zscore(one) * zscore(other)).mean()
    assert alike == pytest.approx(3**2 / (3**2 + 1), abs=0.02)


def test_the_ratio_of_signal_to_noise_is_nearly_the_true_one(rng):
    signals = np.hstack([rng.standard_normal((500, 100)), np.zeros((500, 100))])
    found = signal_to_noise(signals, 0.5, rng)
    assert np.abs(found[:100] - 0.5).max() < 0.15
    assert (found >= 0).all()
    assert (found == found.round(4)).all()
    assert 0 < found[100:].mean() < 0.03


def test_the_ratio_is_rounded_and_never_below_nothing():
    """By the same draws of NumPy: standard deviations over n, an error of 0.03, four digits."""
    signals = np.random.default_rng(1).standard_normal((7, 5)) * [1, 0, 2, 0, 0] + 4
    found = signal_to_noise(signals, 0.5, np.random.default_rng(2))
    errors = np.random.default_rng(2).normal(0, 0.03, 5)
    true = [0.5 * np.sqrt(np.mean((one - np.mean(one)) ** 2)) for one in signals.T]
    expected = [round(max(a + b, 0), 4) for a, b in zip(true, errors, strict=True)]
    assert min(expected) == 0
    np.testing.assert_allclose(found, expected, atol=1e-12)


def test_a_session_is_level_and_gain_times_signal_and_noise():
    """By the same draws: levels of one per cent, gains between .8 and 1.6, then the noise."""
    shown, numbers = np.arange(12.0).reshape(4, 3), np.array([V1, V1, V2])
    found = session_betas(shown, numbers, 0.5, np.random.default_rng(3))
    rng = np.random.default_rng(3)
    level, gain = rng.normal(0, 1, 3), rng.uniform(0.8, 1.6, 3)
    np.testing.assert_allclose(found, level + gain * (shown / 2 + trial_noise(numbers, 4, rng)))


def test_drift_is_of_four_cosines_over_the_session():
    """What is left of noise without what is common and what is a voxel's own, by a loop."""
    numbers, n = np.array([V2, V1, V2]), 6
    found = trial_noise(numbers, n, np.random.default_rng(5))
    rng = np.random.default_rng(5)
    shared = rng.standard_normal((n, 2))[:, [1, 0, 1]]
    weights, own = rng.standard_normal((4, 3)), rng.standard_normal((n, 3))
    drift = np.zeros((n, 3))
    for trial in range(n):
        for k in range(4):
            drift[trial] += np.cos(np.pi * (k + 1) * (trial + 0.5) / n) * weights[k] / np.sqrt(2)
    expected = np.sqrt(0.2) * shared + np.sqrt(0.1) * drift + np.sqrt(0.7) * own
    np.testing.assert_allclose(found, expected)
