"""How far a measurement agrees with itself, and what the mean of several would."""

from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

Agreement = TypeVar("Agreement", float, NDArray[np.float64])


def spearman_brown(agreement: Agreement, k: int) -> Agreement:
    """Reliability of the mean of k measurements, k r / (1 + (k - 1) r).

    Spearman 1910, British Journal of Psychology 3:271; Brown 1910, 3:296.

    Parameters
    ----------
    agreement : float or ndarray
        Mean correlation r between two of them; a negative one counts as 0.
    k : int
    """
    r = np.maximum(agreement, 0.0)
    reliability: Agreement = k * r / (1 + (k - 1) * r)
    return reliability


def bound_of_the_mean(agreement: float, k: int) -> float:
    """Correlation of the mean of k measurements with that of infinitely many.

    The square root of its reliability: no model can correlate more with the mean, in expectation.

    Parameters
    ----------
    agreement : float
        As in `spearman_brown`.
    k : int
    """
    return float(np.sqrt(spearman_brown(float(agreement), k)))
