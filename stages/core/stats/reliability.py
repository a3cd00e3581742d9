"""How far a measurement agrees with itself, and what the mean of several would."""

from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

Agreement = TypeVar("Agreement", float, NDArray[np.float64])


def spearman_brown(agreement: Agreement, k: float) -> Agreement:
    """Reliability of the mean of k measurements, k r / (1 + (k - 1) r).

    Spearman 1910, British Journal of Psychology 3:271; Brown 1910, 3:296.

    Parameters
    ----------
    agreement : float or ndarray
        Mean correlation r between two of them; a negative one counts as 0.
    k : float
        Of a weighted mean, `weighted_count`.
    """
    r = np.maximum(agreement, 0.0)
    reliability: Agreement = k * r / (1 + (k - 1) * r)
    return reliability


def bound_of_the_mean(agreement: float, k: float) -> float:
    """Correlation of the mean of k measurements with that of infinitely many.

    The square root of its reliability: no model can correlate more with the mean, in expectation.

    Parameters
    ----------
    agreement : float
        As in `spearman_brown`.
    k : float
    """
    return float(np.sqrt(spearman_brown(float(agreement), k)))


def weighted_count(weights: NDArray[np.float64]) -> float:
    """How many equally weighted measurements make a mean as reliable as the weighted one.

    (Σ w)² / Σ w², for measurements that are equally reliable (Kish 1965, Survey Sampling, 11.7).
    """
    return float(weights.sum() ** 2 / (weights**2).sum())
