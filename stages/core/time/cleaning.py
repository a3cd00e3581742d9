"""Removing what is slow, and the scale, from time series run by run."""

from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.signal import butter, detrend, sosfiltfilt

from stages.core.recording.types import Cleaning
from stages.core.run.errors import InputError

ORDER = 5
LEAST = 20  # samples in a run, for the filter's margins


def clean(
    series: NDArray[np.floating], runs: NDArray[Any], tr: float, cleaning: Cleaning
) -> NDArray[np.float64]:
    """Detrend, high-pass and standardise each run of each column.

    The filter is that of nilearn's `signal.clean`: Butterworth of order 5, applied forwards
    and backwards.

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
        Columns of which nothing is left in a run are zero there: callers drop them by name.

    Raises
    ------
    InputError
        If a run is too short to be filtered, or slower than the filter can tell.
    """
    cleaned = np.array(series, dtype=np.float64)
    if cleaned.size == 0:
        return cleaned
    for run in np.unique(runs):
        rows = runs == run
        cleaned[rows] = _clean_run(cleaned[rows], str(run), tr, cleaning)
    return cleaned


def _clean_run(
    block: NDArray[np.float64], run: str, tr: float, cleaning: Cleaning
) -> NDArray[np.float64]:
    scale = np.abs(block).max(axis=0)
    block = detrend(block, axis=0, type="linear" if cleaning.detrend else "constant")
    if cleaning.high_pass:
        if len(block) < LEAST:
            raise InputError(
                "run too short to be filtered",
                where=f"run {run}",
                expected=f"at least {LEAST} samples",
                got=len(block),
                do="Leave the run out, or set prepare.high_pass to 0.",
            )
        sections = butter(ORDER, 1 / cleaning.high_pass, "high", output="sos", fs=1 / tr)
        block = sosfiltfilt(sections, block, axis=0)
    flat = block.std(axis=0) <= 1e-10 * scale
    block[:, flat] = 0.0
    if cleaning.standardize:
        block[:, ~flat] = (block - block.mean(axis=0))[:, ~flat] / block[:, ~flat].std(axis=0)
    return block
