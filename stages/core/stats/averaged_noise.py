"""What noise leaves in averages over repeats, and what averages tell of it."""

import numpy as np
from numpy.typing import NDArray


def noise_ceiling(ncsnr: NDArray[np.floating], repeats: NDArray[np.integer]) -> NDArray[np.float64]:
    """Highest correlation with averaged responses that a model of the stimuli can expect.

    The share of variance that is signal is ncsnr² / (ncsnr² + m), where m, the mean of 1/n, is how
    much of one trial's noise is left in averages of n trials each; the ceiling is its square root.
    It holds for responses that were z-scored within sessions, as ncsnr was estimated, and for
    comparisons across these stimuli: other stimuli with other repeats have another ceiling.

    Parameters
    ----------
    ncsnr : ndarray, shape (n_targets,)
        Standard deviation of the signal over that of one trial's noise.
    repeats : ndarray of int, shape (n_stimuli,)
        Trials averaged per stimulus.

    Returns
    -------
    ndarray, shape (n_targets,)

    References
    ----------
    Allen et al. 2022, Nature Neuroscience 25:116, and the NSD data manual for unequal repeats.
    """
    signal = np.square(ncsnr, dtype=float)
    ceiling: NDArray[np.float64] = np.sqrt(signal / (signal + np.mean(1 / repeats)))
    return ceiling


def ncsnr_of_averages(
    variance: NDArray[np.floating], repeats: NDArray[np.integer]
) -> NDArray[np.float64]:
    """Signal-to-noise ratio that the variance of averages tells, without the repeats themselves.

    Single trials were z-scored, so that signal and noise of one trial add up to a variance of 1,
    s + e = 1; averages over n trials vary by s + m e, where m is the mean of 1/n. So no stimulus
    needs to be looked at but those whose averages are given: the ratio of voxels that a model is
    to be tested on other stimuli with is told by the training stimuli alone.

    Parameters
    ----------
    variance : ndarray, shape (n_targets,)
        Of the averages, over stimuli.
    repeats : ndarray of int, shape (n_stimuli,)
        Trials averaged per stimulus.

    Returns
    -------
    ndarray, shape (n_targets,)
        Standard deviation of the signal over that of one trial's noise: 0 where averages vary less
        than noise would, infinite where they vary as much as single trials or more, NaN
        where no stimulus was repeated, which leaves nothing to tell.
    """
    left = float(np.mean(1 / repeats))
    if left == 1:
        return np.full(np.shape(variance), np.nan)
    signal = np.clip((np.asarray(variance, dtype=float) - left) / (1 - left), 0, 1)
    with np.errstate(divide="ignore"):
        ratio: NDArray[np.float64] = np.sqrt(signal / (1 - signal))
    return ratio
