"""Taking out what word rate, length, frequency and position explain."""

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]
NOTHING_LEFT = 1e-7


def partial_out(values: NDArray[np.floating], nuisance: Array) -> Array:
    """Leave what no linear combination of the nuisance variables and a constant explains.

    Held-out correlations between responses and designs that both went through this are partial
    correlations given the nuisance variables, all of which are few beside the samples.

    Parameters
    ----------
    values : ndarray, shape (n_samples, n_columns)
    nuisance : ndarray, shape (n_samples, n_variables)

    Returns
    -------
    ndarray, shape (n_samples, n_columns)
        A column that the nuisance variables explain whole is zero.
    """
    known = np.column_stack([np.ones(len(nuisance)), nuisance])
    left: Array = values - known @ np.linalg.lstsq(known, values, rcond=None)[0]
    left[:, left.std(axis=0) <= NOTHING_LEFT * np.abs(values).max(axis=0)] = 0.0
    return left
