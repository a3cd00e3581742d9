"""Removing what is slow, and the scale, from time series run by run."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from stages.core.recording import Cleaning


def slow_basis(n_samples: int, tr: float, detrend: bool, high_pass: float) -> NDArray[np.float64]:
    """Regressors of what is removed from a run: constant, line, and slow cosines.

    Parameters
    ----------
    n_samples : int
    tr : float
        Sampling interval in seconds.
    detrend : bool
        Include a straight line.
    high_pass : float
        Cosines slower than this period in seconds are included; 0 for none.

    Returns
    -------
    ndarray, shape (n_samples, n_regressors)
        The discrete cosine basis of SPM (Friston et al. 1995), not orthonormal.
    """
    time = np.arange(n_samples)
    columns = [np.ones(n_samples)]
    if detrend:
        columns.append(np.linspace(-1, 1, n_samples))
    if high_pass:
        order = int(np.floor(2 * n_samples * tr / high_pass))
        columns += [
            np.cos(np.pi * (2 * time + 1) * k / (2 * n_samples)) for k in range(1, order + 1)
        ]
    return np.column_stack(columns)


def clean(
    series: NDArray[np.floating], runs: NDArray[Any], tr: float, cleaning: Cleaning
) -> NDArray[np.float64]:
    """Detrend, high-pass and standardise each run of each column.

    Parameters
    ----------
    series : ndarray, shape (n_samples, n_columns)
    runs : ndarray, shape (n_samples,)
    tr : float
        Sampling interval in seconds.
    cleaning : Cleaning

    Returns
    -------
    ndarray, shape (n_samples, n_columns)
        Columns that are constant within a run are zero there: callers drop them by name.
    """
    cleaned = np.array(series, dtype=float)
    for run in np.unique(runs):
        rows = runs == run
        basis = slow_basis(int(rows.sum()), tr, cleaning.detrend, cleaning.high_pass)
        block = cleaned[rows]
        scale = np.abs(block).max(axis=0)
        block -= basis @ np.linalg.lstsq(basis, block, rcond=None)[0]
        if cleaning.standardize:
            deviation = block.std(axis=0)
            flat = deviation <= 1e-10 * scale
            block = np.where(flat, 0.0, block / np.where(flat, 1.0, deviation))
        cleaned[rows] = block
    return cleaned
