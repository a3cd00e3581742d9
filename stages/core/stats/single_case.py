"""One case beside a few draws from where it may be from."""

import numpy as np
from numpy.typing import NDArray
from scipy.special import stdtr, stdtrit

Array = NDArray[np.float64]
TAIL = 0.025


def beyond_draws(differences: Array) -> tuple[Array, Array, Array, Array]:
    """Hold one case against the next draw from where a small sample is from.

    Student's t with the deviation of the sample times √(1 + 1 / n), as of one patient beside few
    controls (Crawford & Howell 1998, The Clinical Neuropsychologist 12:482): the draws are taken
    for normal, and the case for known.

    Parameters
    ----------
    differences : ndarray, shape (n_claims, n)
        Of the case from each draw; n is 2 at least.

    Returns
    -------
    value, low, high, p : ndarray, shape (n_claims,)
        Mean difference, the 95 % interval of that from the next draw, and one-sided p.
    """
    n = differences.shape[1]
    value = differences.mean(axis=1)
    error = np.maximum(differences.std(axis=1, ddof=1) * np.sqrt(1 + 1 / n), np.finfo(float).tiny)
    reach = -stdtrit(n - 1, TAIL) * error
    return value, value - reach, value + reach, stdtr(n - 1, -value / error)
