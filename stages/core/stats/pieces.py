"""Which piece each stimulus is in, of those that are left out in turn to tell how scores vary."""

import numpy as np
from numpy.typing import NDArray

Ints = NDArray[np.intp]


def number_pieces(groups: Ints, pieces: int, permute: str, seed: int) -> Ints:
    """Cut stimuli into pieces of about one size, the same for every model and person.

    Parameters
    ----------
    groups : ndarray of int, shape (n_stimuli,)
        Which stimuli are nearly the same: those of one group are in one piece.
    pieces : int
    permute : {"rows", "blocks", "shifts"}
        Of stimuli that do not stand alone (other than `rows`), those in succession are in the same
        piece, whatever their groups.
    seed : int

    Returns
    -------
    ndarray of int, shape (n_stimuli,)
        From 0 on; some numbers may be absent where stimuli are few or groups large.
    """
    n = len(groups)
    if permute != "rows":
        return np.arange(n) * pieces // n
    _, group, sizes = np.unique(groups, return_inverse=True, return_counts=True)
    place = np.random.default_rng([seed, n]).permutation(len(sizes))
    in_order = sizes[np.argsort(place)]
    before = np.cumsum(in_order) - in_order
    found: Ints = before[place[group]] * pieces // n
    return found
