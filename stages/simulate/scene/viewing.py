"""What is measured while simulated people look at images."""

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from stages.core.names.areas import AREAS
from stages.simulate.scene.cortical_areas import UNKNOWN, Slab

Array = NDArray[np.float64]
Ints = NDArray[np.intp]

# Shares of the variance of a voxel's noise that its area has in common, and that is slow drift.
SHARED_NOISE, DRIFT = 0.2, 0.1
# Cosines over a session that make up the drift.
DRIFT_COSINES = 4
# Percent signal change of one standard deviation of noise, and of a voxel's level in a session.
GAIN, LEVEL = (0.8, 1.6), 1.0
# Error with which the ratio of signal to noise is known.
RATIO_ERROR = 0.03
# Digits of that ratio, which processors compute with an error of 1e-14.
RATIO_DIGITS = 4


def area_signals(
    slab: Slab, drivers: Mapping[str, NDArray[np.floating] | None], rng: np.random.Generator
) -> Array:
    """Respond to images: every voxel weighs the units of what drives its area.

    Weights are Gaussian, so that the linear kernel of an area's voxels is that of its layer, but
    for the chance of which voxels there are; the means over images count for nothing.

    Parameters
    ----------
    slab : Slab
    drivers : mapping of str to ndarray, shape (n_images, n_units), or None
        By area; nothing drives the others.
    rng : Generator

    Returns
    -------
    ndarray, shape (n_images, n_voxels)
        Variance 1 on average over the voxels of an area; 0 where nothing drives.
    """
    n_images = len(next(values for values in drivers.values() if values is not None))
    signals = np.zeros((n_images, len(slab.numbers)))
    for number in np.unique(slab.numbers[slab.numbers != UNKNOWN]):
        driver = drivers.get(AREAS[number - 1])
        if driver is None:
            continue
        units = driver.astype(float) - driver.mean(axis=0, dtype=float)
        of_area = np.flatnonzero(slab.numbers == number)
        answers = units @ rng.standard_normal((units.shape[1], len(of_area)))
        signals[:, of_area] = answers / np.sqrt((answers**2).mean())
    return signals


def trial_noise(numbers: Ints, n_trials: int, rng: np.random.Generator) -> Array:
    """Noise of unit variance: common to an area, slowly drifting, and a voxel's own.

    Parameters
    ----------
    numbers : ndarray of int, shape (n_voxels,)
        Area of each voxel.
    n_trials : int
        Of one session.
    rng : Generator

    Returns
    -------
    ndarray, shape (n_trials, n_voxels)
    """
    areas, area = np.unique(numbers, return_inverse=True)
    shared = rng.standard_normal((n_trials, len(areas)))[:, area]
    phase = np.pi * (np.arange(n_trials) + 0.5) / n_trials
    cosines = np.sqrt(2 / DRIFT_COSINES) * np.cos(np.outer(phase, 1 + np.arange(DRIFT_COSINES)))
    drift = cosines @ rng.standard_normal((DRIFT_COSINES, len(numbers)))
    own = rng.standard_normal((n_trials, len(numbers)))
    noise: Array = (
        np.sqrt(SHARED_NOISE) * shared
        + np.sqrt(DRIFT) * drift
        + np.sqrt(1 - SHARED_NOISE - DRIFT) * own
    )
    return noise


def session_betas(shown: Array, numbers: Ints, signal: float, rng: np.random.Generator) -> Array:
    """Measure one session; every voxel has its own level and gain there.

    Parameters
    ----------
    shown : ndarray, shape (n_trials, n_voxels)
        Signals, from `area_signals`, of the image of each trial.
    numbers : ndarray of int, shape (n_voxels,)
        Area of each voxel.
    signal : float
        Standard deviation of the signal in units of the noise of one trial.
    rng : Generator

    Returns
    -------
    ndarray, shape (n_trials, n_voxels)
        Percent signal change.
    """
    n_trials, n_voxels = shown.shape
    level, gain = rng.normal(0, LEVEL, n_voxels), rng.uniform(*GAIN, n_voxels)
    betas: Array = level + gain * (signal * shown + trial_noise(numbers, n_trials, rng))
    return betas


def signal_to_noise(signals: Array, signal: float, rng: np.random.Generator) -> Array:
    """Ratio of the standard deviations of signal and noise of every voxel, nearly as it is."""
    true = signal * signals.std(axis=0)
    estimated: Array = np.maximum(true + rng.normal(0, RATIO_ERROR, len(true)), 0)
    return estimated.round(RATIO_DIGITS)
