"""The ceiling of a curve that is fitted to bootstrapped means, as published."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from stages.core.stats.ceiling_curves import Fits, endpoint, fit

Array = NDArray[np.float64]


@dataclass(frozen=True)
class Extrapolation:
    """Where a curve ends.

    Attributes
    ----------
    ceiling : float
        Median over the fits that did not fail; missing if all did.
    low, high : float
        2.5 and 97.5 % points of the same.
    endpoint : float
        Smallest number of others from which one more adds next to nothing, on the median curve.
    failed : float
        Share of the fits that failed.
    shape : float
        Median shape.
    fits : Fits
    """

    ceiling: float
    low: float
    high: float
    endpoint: float
    failed: float
    shape: float
    fits: Fits


def extrapolate(
    name: str, others: NDArray[np.intp], values: Array, *, draws: int, seed: int
) -> Extrapolation:
    """Bootstrap the values of each number of others, and fit a curve to every set of means.

    As in Schrimpf et al. 2021 (PNAS 118:e2105646118), where the values of different subsets are
    drawn as if they were independent. They share people and samples, so that the interval is too
    narrow; it is here for comparison. In simulated people with one thing in common (6 to 27 of
    them, any two correlating .05 to .5, 320 samples) the exponential curve ended .05 to .1 too
    low and held the truth in 0 to 95 of 100 seeds; the curve of one factor ended within .01 of it,
    save where six people agreed least (.09), and held it in 35 to 97. What correlations between
    people tell without a fit held it in 96 to 99: see `stages.core.stats.people_agreement`. Of
    Alice's 27 people the exponential curve ends lower (LATL .262) than 26 reach already (.270).

    Parameters
    ----------
    name : {"exponential", "one_factor"}
    others : ndarray of int, shape (n_values,)
    values : ndarray, shape (n_values,)
    draws : int
    seed : int

    Raises
    ------
    InputError
        If there is no such curve.
    """
    rng, sizes = np.random.default_rng(seed), np.unique(others)
    means = np.stack([_means(values[others == size], draws, rng) for size in sizes], axis=1)
    fits = fit(name, sizes.astype(float), means)
    kept = np.isfinite(fits.ceiling)
    if not kept.any():
        return Extrapolation(np.nan, np.nan, np.nan, np.nan, 1.0, np.nan, fits)
    low, middle, high = np.quantile(fits.ceiling[kept], [0.025, 0.5, 0.975])
    shape = float(np.median(fits.shape[kept]))
    failed = float(1 - kept.mean())
    end = endpoint(name, float(middle), shape)
    return Extrapolation(float(middle), float(low), float(high), end, failed, shape, fits)


def _means(values: Array, draws: int, rng: np.random.Generator) -> Array:
    """Means of values drawn with replacement, shape (draws,)."""
    counts = rng.multinomial(len(values), np.full(len(values), 1 / len(values)), size=draws)
    means: Array = counts @ values / len(values)
    return means
