"""How far a measurement agrees with itself, and what the mean of several would."""

from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

STEPS, TINY = 100, 1e-12
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


def loadings(correlations: NDArray[np.float64]) -> NDArray[np.float64]:
    """Correlation of each measurement with what all have in common, if that is one thing.

    Then the correlation of two is the product of theirs (Spearman 1904, American Journal of
    Psychology 15:201); found by fixed points of the mean correlation of each with the others, so
    that no quotient of two small correlations is taken.

    Parameters
    ----------
    correlations : ndarray, shape (n, n)
        At least two; of two, both have the square root of theirs.

    Returns
    -------
    ndarray, shape (n,)
        All 0 where the mean correlation is not positive.
    """
    n = len(correlations)
    with_others = np.maximum((correlations.sum(axis=1) - 1) / (n - 1), 0.0)
    mean = float((correlations.sum() - n) / (n * (n - 1)))
    found = np.full(n, np.sqrt(max(mean, 0.0)))
    for _ in range(STEPS if mean > 0 else 0):
        others = (found.sum() - found) / (n - 1)
        found = np.sqrt(np.clip(found * with_others / np.maximum(others, TINY), 0, 1))
    return found


def bound_of_a_weighted_mean(
    correlations: NDArray[np.float64], weights: NDArray[np.float64]
) -> float:
    """Correlation of a weighted mean of measurements with what they have in common.

    Of all its variance, wᵀ C w, what each measurement has by itself, w² (1 - a²) for its loading a,
    is not common. Equal weights and loadings make it `bound_of_the_mean`.

    Parameters
    ----------
    correlations : ndarray, shape (n, n)
    weights : ndarray, shape (n,)
        Of standardised measurements.
    """
    whole = float(weights @ correlations @ weights)
    alone = float((weights**2) @ (1 - loadings(correlations) ** 2))
    return float(np.sqrt(max(whole - alone, 0.0) / whole))
