"""How much of single trials is signal, as repeats tell."""

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array

# Trials beyond the first of their stimulus, from which noise is told to a tenth.
LEAST_REPEATS = 50


def repeats_ncsnr(
    trials: NDArray[np.floating], shown: NDArray[np.intp]
) -> NDArray[np.float64] | None:
    """Signal-to-noise ratio of targets, from repeats of the same stimuli.

    The noise of one trial is what differs between repeats; what is left of the variance of all
    trials, which is 1, is signal.

    Parameters
    ----------
    trials : ndarray, shape (n_trials, n_targets)
        Standardised within sessions.
    shown : ndarray of int, shape (n_trials,)
        Which stimulus each trial showed, from 0.

    Returns
    -------
    ndarray, shape (n_targets,), or None
        Standard deviation of the signal over that of one trial's noise; None where repeats are too
        few to tell, fewer than `LEAST_REPEATS` beyond the first of each stimulus.

    References
    ----------
    Allen et al. 2022, Nature Neuroscience 25:116, whose estimate this is.
    """
    counts = np.bincount(shown)
    again = int((counts[counts > 0] - 1).sum())
    if again < LEAST_REPEATS:
        return None
    between = (sum_by(trials, shown) ** 2 / np.maximum(counts, 1)[:, None]).sum(axis=0)
    noise = (np.einsum("ij,ij->j", trials, trials, dtype=float) - between) / again
    ratio: NDArray[np.float64] = np.sqrt(np.clip(1 - noise, 0, None) / noise)
    return ratio


def sum_by(trials: NDArray[np.floating], shown: NDArray[np.intp]) -> NDArray[np.float64]:
    """Sum the trials of each stimulus.

    Parameters
    ----------
    trials : ndarray, shape (n_trials, n_targets)
    shown : ndarray of int, shape (n_trials,)
        Which stimulus each trial showed, from 0.

    Returns
    -------
    ndarray, shape (n_stimuli, n_targets)
    """
    rows = np.arange(len(shown))
    chosen = csr_array((np.ones(len(shown)), (shown, rows)))
    sums: NDArray[np.float64] = chosen @ trials
    return sums
