"""Which scan was being acquired when a word began."""

import numpy as np
from numpy.typing import NDArray

# Onsets are stored as seconds in floating point: this much earlier still counts as equal.
TOLERANCE = 1e-6


def scan_of_word(
    onsets: NDArray[np.floating], scans: NDArray[np.floating], tr: float
) -> NDArray[np.intp]:
    """Find the scan during which each word began.

    Parameters
    ----------
    onsets : ndarray, shape (n_words,)
        In seconds.
    scans : ndarray, shape (n_scans,)
        Onsets of the scans in seconds, ascending.
    tr : float
        Duration of a scan in seconds.

    Returns
    -------
    ndarray of int, shape (n_words,)
        Index of the scan with onset ≤ the word's < onset + TR; -1 where there is none.
    """
    scan = np.searchsorted(scans, onsets + TOLERANCE, side="right") - 1
    inside = (scan >= 0) & (onsets + TOLERANCE < scans[scan] + tr)
    return np.where(inside, scan, -1)
