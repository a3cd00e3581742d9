"""How noisy a training curve is, and two curves brought to the same noise.

The noisier of two equal curves passes low levels earlier and high levels later. Before their times
are compared the cleaner one is therefore given what noise it lacks, relative to its rise, as one
would thin its items; many draws of it are averaged, but near the ends of the rise.
"""

import numpy as np
from numpy.typing import NDArray

from stages.core.stats.monotone import isotonic
from stages.trajectory.onsets.onset_times import Ends, rises, times_to

Array = NDArray[np.float64]
SAME = 1e-12  # steps of a fit below this are rounding
AVERAGED = (0.25, 0.75)  # shares of the rise between which draws are averaged
NORMAL_MEDIAN = 0.6744897501960817  # of the absolute value of a standard normal variable


def noise_of_neighbours(values: Array) -> Array:
    """Robust standard deviation of the noise of any smooth curve, from its second differences.

    Parameters
    ----------
    values : ndarray, shape (..., n_points)

    Returns
    -------
    ndarray, shape (...)
        A bent curve gives too much rather than too little.
    """
    bends = np.abs(np.diff(values, n=2, axis=-1))
    return np.asarray(np.median(bends, axis=-1) / (NORMAL_MEDIAN * np.sqrt(6)))


def noise_about_rise(values: Array, ends: Ends) -> tuple[Array, Array]:
    """Squares about the isotonic fit in units of the rise, and their degrees of freedom.

    The fit's degrees of freedom are the number of its distinct levels (Meyer & Woodroofe 2000,
    The Annals of Statistics 28:1083).

    Parameters
    ----------
    values : ndarray, shape (..., n_points)
    ends : Ends

    Returns
    -------
    squares, freedom : ndarray, shape (...)
        To be summed over runs before they are divided.
    """
    base, plateau = rises(values, ends)
    fitted = isotonic(values)
    levels = 1 + (np.diff(fitted, axis=-1) > SAME).sum(axis=-1)
    squares = ((values - fitted) ** 2).sum(axis=-1) / np.maximum((plateau - base) ** 2, SAME)
    return squares, (values.shape[-1] - levels).astype(float)


def relative_noise(squares: Array, freedom: Array) -> Array:
    """Noise in units of the rise, pooled over the runs of the last axis."""
    return np.asarray(np.sqrt(squares.sum(axis=-1) / np.maximum(freedom.sum(axis=-1), 1.0)))


def lacking(own: Array, other: Array) -> Array:
    """Find the standard deviation of the noise that `own` lacks to be as noisy as `other`."""
    return np.sqrt(np.maximum(other**2 - own**2, 0.0))


def noisier_times(
    octaves: Array,
    values: Array,
    extra: Array,
    *,
    shares: Array,
    ends: Ends,
    draws: int,
    rng: np.random.Generator,
) -> Array:
    """Find the times to shares of the rise with added noise.

    They are averages over draws, but for shares outside `AVERAGED` those of the first draw. Near
    its ends a flat curve passes a level much too early or late now and then: times are skewed. Had
    one curve of a pair such times and the other their average, the difference would be skewed
    too, and Student's t of few runs be wrong: of ten runs without a lead, 7 to 8 % would precede
    at .9 and 2 to 3 % at .1; with one draw for one curve 4 to 6 % do.

    Parameters
    ----------
    octaves : ndarray, shape (n_points,)
    values : ndarray, shape (..., n_points)
    extra : ndarray, shape (...)
        Standard deviation of the added noise, in units of the rise of each curve; 0 for none.
    shares : ndarray, shape (n_shares,)
    ends : Ends
    draws : int
    rng : Generator

    Returns
    -------
    ndarray, shape (..., n_shares)
        Missing where the time is missing in more than half of the draws, or in the first.
    """
    if not extra.any():
        return times_to(octaves, values, shares, ends)
    base, plateau = rises(values, ends)
    scale = (extra * (plateau - base))[..., None]
    times = times_to(
        octaves, values + scale * rng.normal(size=(draws, *values.shape)), shares, ends
    )
    known = np.isfinite(times)
    total = np.where(known, times, 0.0).sum(axis=0)
    count = known.sum(axis=0)
    mean = np.where(count * 2 >= draws, total / np.maximum(count, 1), np.nan)
    least, most = AVERAGED
    return np.where((shares < least) | (shares > most), times[0], mean)
