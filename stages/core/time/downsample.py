"""From values of words to values of samples."""

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.sparse import csr_array
from scipy.stats import gamma

Array = NDArray[np.float64]
# Seconds after which the response to a word is over.
RESPONSE = 32
# Seconds up to which an overlap is none: times are seconds in floating point.
TOUCH = 1e-6


def glover_hrf(time: Array) -> Array:
    """Evaluate the haemodynamic response of Glover (1999, NeuroImage 9:416), peak 1.

    Parameters
    ----------
    time : ndarray
        Seconds since the event; the response is 0 before it and after 32 s.
    """
    peak, undershoot, dispersion, ratio = 6.0, 12.0, 0.9, 0.48

    def response(at: Array | float) -> Array:
        rise: Array = gamma.pdf(at, peak / dispersion, scale=dispersion)
        fall: Array = gamma.pdf(at, undershoot / dispersion, scale=dispersion)
        return rise - ratio * fall

    highest = response(np.linspace(0, RESPONSE, 3201)).max()
    shape: Array = response(time) / highest
    return np.where((time >= 0) & (time <= RESPONSE), shape, 0.0)


def glover_weights(samples: pd.DataFrame, rows: pd.DataFrame) -> Array:
    """Weights that convolve impulses at the offsets of the rows and sample them in time.

    Parameters
    ----------
    samples : DataFrame
        Columns run, onset (seconds).
    rows : DataFrame
        Columns run, offset (seconds).

    Returns
    -------
    ndarray, shape (n_samples, n_rows)
    """
    elapsed = samples["onset"].to_numpy(float)[:, None] - rows["offset"].to_numpy(float)
    same_run = samples["run"].to_numpy()[:, None] == rows["run"].to_numpy()
    heard = same_run & (elapsed >= 0) & (elapsed <= RESPONSE)
    weights: Array = np.zeros_like(elapsed)
    weights[heard] = glover_hrf(elapsed[heard])
    return weights


def window_weights(samples: pd.DataFrame, rows: pd.DataFrame) -> csr_array:
    """Weights that average the rows that begin during each sample.

    Parameters
    ----------
    samples : DataFrame
        Column id.
    rows : DataFrame
        Column sample: the id of the sample during which a row began, or empty.

    Returns
    -------
    sparse array, shape (n_samples, n_rows)
        A sample during which nothing begins has no weights.
    """
    at = pd.Index(samples["id"]).get_indexer(rows["sample"])
    inside = np.flatnonzero(at >= 0)
    counts = np.bincount(at[inside], minlength=len(samples))
    weights = 1 / counts[at[inside]]
    return csr_array((weights, (at[inside], inside)), shape=(len(samples), len(rows)))


def overlap_weights(samples: pd.DataFrame, rows: pd.DataFrame, tr: float) -> csr_array:
    """Weights that average the rows that are on during each sample, by how long they are.

    Parameters
    ----------
    samples : DataFrame
        Columns run, onset (seconds).
    rows : DataFrame
        Columns run, onset, offset (seconds).
    tr : float
        Seconds that a sample lasts.

    Returns
    -------
    sparse array, shape (n_samples, n_rows)
        A sample during which nothing is on has no weights; those of any other add up to 1.
    """
    begin = samples["onset"].to_numpy(float)[:, None]
    on, off = (rows[name].to_numpy(float) for name in ("onset", "offset"))
    seconds = np.minimum(begin + tr, off) - np.maximum(begin, on)
    same_run = samples["run"].to_numpy()[:, None] == rows["run"].to_numpy()
    seconds[~same_run | (seconds < TOUCH)] = 0.0
    whole = seconds.sum(axis=1, keepdims=True)
    return csr_array(np.divide(seconds, whole, out=np.zeros_like(seconds), where=whole > 0))
