"""When a curve has made a share of its rise."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from stages.core.run.errors import InputError
from stages.core.stats.monotone import isotonic, passing

Array = NDArray[np.float64]


# Points that stand for the two ends of a curve. Three of each make the leads of a run of ten
# checkpoints a tenth too small, one of each lets their noise in.
BASE, PLATEAU = 2, 2


@dataclass(frozen=True)
class Ends:
    """How many points stand for the two ends of a curve.

    Attributes
    ----------
    base : int
        The first points, that of step 0 among them.
    plateau : int
        The last points.
    """

    base: int = BASE
    plateau: int = PLATEAU


def octaves_of(seen: Array) -> Array:
    """Binary logarithm of what was seen; -inf before the first update.

    Raises
    ------
    InputError
        If it does not increase, or is negative.
    """
    if (seen < 0).any() or (np.diff(seen) <= 0).any():
        raise InputError("not increasing", where="what was seen in training", got=seen.tolist())
    logarithms = np.full(len(seen), -np.inf)
    return np.log2(seen, out=logarithms, where=seen > 0)


def rises(values: Array, ends: Ends) -> tuple[Array, Array]:
    """Means of the two ends.

    Parameters
    ----------
    values : ndarray, shape (..., n_points)
    ends : Ends

    Returns
    -------
    base, plateau : ndarray, shape (...)

    Raises
    ------
    InputError
        If the two ends are all there is: a curve needs points between.
    """
    points = values.shape[-1]
    if points <= ends.base + ends.plateau:
        expected = f"more than {ends.base} + {ends.plateau} checkpoints"
        raise InputError("too few points", where="a training curve", expected=expected, got=points)
    return values[..., : ends.base].mean(-1), values[..., points - ends.plateau :].mean(-1)


def times_to(octaves: Array, values: Array, shares: Array, ends: Ends) -> Array:
    """Find when rising curves have made shares of their rise.

    A curve is replaced by its isotonic fit over the order of training, and the share is of the
    rise from the mean of its first to the mean of its last points: the ends of the fit itself
    would lie too low and too high by what noise there is.

    Parameters
    ----------
    octaves : ndarray, shape (n_points,)
        From `octaves_of`.
    values : ndarray, shape (..., n_points)
    shares : ndarray, shape (n_shares,)
        Between 0 and 1.
    ends : Ends

    Returns
    -------
    ndarray, shape (..., n_shares)
        Octaves; missing where a share is passed before the first checkpoint after step 0.
    """
    base, plateau = rises(values, ends)
    levels = base[..., None] + shares * (plateau - base)[..., None]
    return passing(octaves, isotonic(values), levels)
