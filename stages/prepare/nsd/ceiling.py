"""How well a perfect model could predict the averages of noisy repeats."""

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
