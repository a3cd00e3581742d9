"""Whether a training curve rises, falls, stays or turns back, before any time is read off it."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from stages.core.stats.monotone import isotonic
from stages.trajectory.curves.curve_noise import noise_of_neighbours
from stages.trajectory.onsets.onset_times import Ends, rises

Array = NDArray[np.float64]
RISES, FALLS, FLAT, TURNS = "rises", "falls", "flat", "turns"
LEVEL = 0.005  # of the test for a curve that turns back
BEYOND = 3.0  # standard errors that a rise must have, deviations that a fall must have
FALLEN = 0.1  # of a curve's range that must be lost again
DRAWS = 500
SMOOTHED = 3  # points in the running mean that peaks and falls are read from
ROUNDING = 1e-9  # of the range


@dataclass(frozen=True)
class Shape:
    """What a curve does in training.

    Attributes
    ----------
    name : str
        `rises`, `falls`, `flat`, or `turns` (is not monotone).
    rise : float
        From the mean of the first to the mean of the last points.
    noise : float
        Standard deviation, from second differences.
    p : float
        Of the hypothesis that it is monotone, in the direction of its rise.
    peak : int
        Index of the greatest value before the greatest fall (of the least, where it falls).
    fallen : float
        What is lost between two points of the running mean, in units of its range.
    """

    name: str
    rise: float
    noise: float
    p: float
    peak: int
    fallen: float


def shape_of(values: Array, ends: Ends, seed: int) -> Shape:
    """Tell what a curve does.

    It turns if its distance from the isotonic fit, in units of its noise, is beyond what the fit
    plus normal noise gives (parametric bootstrap, the noise estimated anew in each draw), and if
    its running mean also loses again a tenth of its range and three deviations of the noise.
    Otherwise it rises or falls if its ends differ by three standard errors.

    Parameters
    ----------
    values : ndarray, shape (n_points,)
    ends : Ends
    seed : int

    Raises
    ------
    InputError
        If there are too few points (see `rises`).
    """
    base, plateau = rises(values, ends)
    rise, noise = float(plateau - base), float(noise_of_neighbours(values))
    sign = -1.0 if rise < 0 else 1.0
    p = monotone_p(sign * values, seed)
    peak, fallen, spread = greatest_fall(sign * values)
    error = noise * np.sqrt(1 / ends.base + 1 / ends.plateau)
    if p < LEVEL and fallen >= max(FALLEN, BEYOND * noise / max(spread, ROUNDING)):
        name = TURNS
    elif abs(rise) <= BEYOND * error:
        name = FLAT
    else:
        name = RISES if rise > 0 else FALLS
    return Shape(name, rise, noise, p, peak, fallen)


def monotone_p(values: Array, seed: int) -> float:
    """Test that a curve is non-decreasing up to normal noise.

    Parameters
    ----------
    values : ndarray, shape (n_points,)
    seed : int

    Returns
    -------
    float
        (b + 1) / (m + 1) with b the draws that are as far from their isotonic fit.
    """
    fitted, noise = isotonic(values), float(noise_of_neighbours(values))
    if np.abs(values - fitted).max() <= ROUNDING * max(float(np.ptp(values)), ROUNDING):
        return 1.0
    rng = np.random.default_rng(seed)
    scale = max(noise, ROUNDING * float(np.ptp(values)))
    draws = fitted + scale * rng.normal(size=(DRAWS, len(values)))
    reached = _distance(draws) >= _distance(values) - 1e-12
    return float((reached.sum() + 1) / (DRAWS + 1))


def _distance(values: Array) -> Array:
    """Root mean square about the isotonic fit, in units of the noise."""
    noise = np.maximum(noise_of_neighbours(values), ROUNDING * np.ptp(values, axis=-1))
    return np.asarray(np.sqrt(((values - isotonic(values)) ** 2).mean(axis=-1)) / noise)


def greatest_fall(values: Array) -> tuple[int, float, float]:
    """Find from where the running mean of a curve loses most, and how much.

    Parameters
    ----------
    values : ndarray, shape (n_points,)

    Returns
    -------
    peak : int
        Index of the greatest value before the end of that fall.
    fallen : float
        In units of the running mean's range, between 0 and 1; 0 of one that does not vary.
    spread : float
        That range.
    """
    smooth = np.convolve(values, np.full(SMOOTHED, 1 / SMOOTHED), mode="valid")
    lost = np.maximum.accumulate(smooth) - smooth
    lowest = int(lost.argmax())
    spread = float(np.ptp(smooth))
    peak = int(values[: lowest + SMOOTHED].argmax())
    return peak, float(lost[lowest] / spread) if spread > 0 else 0.0, spread
