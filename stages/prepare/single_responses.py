"""Single responses to stimuli that were met again, kept beside their averages."""

import numpy as np
import pandas as pd
from numpy.typing import NDArray

# Single responses that are kept of a stimulus, the first ones.
SINGLE = 3


def single_places(rows: NDArray[np.intp], repeated: NDArray[np.intp]) -> NDArray[np.intp]:
    """Find where each trial goes among the single responses; -1 where it is not kept.

    Parameters
    ----------
    rows : ndarray of int, shape (n_trials,)
        Which stimulus each trial showed.
    repeated : ndarray of int, shape (n_repeated,)
        Stimuli of which the first `SINGLE` responses are kept: the first of each, then the second
        of each, and so on.
    """
    time = pd.Series(rows).groupby(rows).cumcount().to_numpy()
    order = pd.Series(np.arange(len(repeated)), repeated).reindex(rows, fill_value=-1).to_numpy()
    return np.where((order >= 0) & (time < SINGLE), time * len(repeated) + order, -1)


def kept_single(
    trials: NDArray[np.floating], shown: NDArray[np.intp]
) -> tuple[NDArray[np.bool_], NDArray[np.float32] | None]:
    """Keep single responses to whatever was met `SINGLE` times at least.

    Parameters
    ----------
    trials : ndarray, shape (n_trials, n_targets)
    shown : ndarray of int, shape (n_trials,)
        Which stimulus each trial showed, from 0, none absent.

    Returns
    -------
    ndarray of bool, shape (n_stimuli,)
        Of which stimuli.
    ndarray of float32, shape (SINGLE × n_repeated, n_targets), or None
        In the order of `single_places`; None where there is no such stimulus.
    """
    often = np.bincount(shown) >= SINGLE
    if not often.any():
        return often, None
    places = single_places(shown, np.flatnonzero(often))
    single = np.empty((SINGLE * int(often.sum()), trials.shape[1]), dtype=np.float32)
    single[places[places >= 0]] = trials[places >= 0]
    return often, single
