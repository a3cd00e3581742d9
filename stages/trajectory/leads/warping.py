"""What leads would be found if alignment and performance ran the same course.

Under that hypothesis the two labels can be exchanged within a run, which turns the sign of its
lead; and a model of smooth curves gives each run one course for both, with the noise of each.
"""

from collections.abc import Sequence
from itertools import product
from typing import Any

import numpy as np
from numpy.typing import NDArray

from stages.core.stats.monotone import isotonic
from stages.trajectory.curves.curve_noise import lacking, noisier_times
from stages.trajectory.onsets.onset_times import Ends, rises

Array = NDArray[np.float64]
ALL = 12  # runs up to which all exchanges are gone through


def exchange_p(leads: Array, draws: int, seed: int) -> float:
    """Test that the mean lead is above 0, by exchanging the two curves within runs.

    Parameters
    ----------
    leads : ndarray, shape (n_runs,)
        None missing.
    draws : int
        Exchanges drawn where there are more than twelve runs; with fewer all are gone through.
    seed : int

    Returns
    -------
    float
        One-sided; at least 2^-n_runs.
    """
    runs = len(leads)
    if runs <= ALL:
        signs = np.array(list(product((1.0, -1.0), repeat=runs)))
        return float((signs @ leads >= leads.sum() - 1e-12).mean())
    signs = np.random.default_rng(seed).choice([1.0, -1.0], size=(draws, runs))
    return float(((signs @ leads >= leads.sum() - 1e-12).sum() + 1) / (draws + 1))


def common_course(octaves: Sequence[Array], values: Sequence[Array], ends: Ends) -> list[Array]:
    """Fit one rising course, from 0 to 1, to the two curves of a run.

    Parameters
    ----------
    octaves, values : pair of ndarray, each of shape (n_points,)
        Of alignment and of performance, each at its own points.
    ends : Ends

    Returns
    -------
    pair of ndarray
        The course at the points of each.
    """
    everywhere = np.unique(np.concatenate(octaves))
    places = [_finite(one, everywhere) for one in (everywhere, *octaves)]
    curves = [
        np.interp(places[0], at, _normalised(one, ends))
        for at, one in zip(places[1:], values, strict=True)
    ]
    course = isotonic((curves[0] + curves[1]) / 2)
    return [np.interp(at, places[0], course) for at in places[1:]]


def _finite(octaves: Array, everywhere: Array) -> Array:
    """Place step 0 an octave before the first update."""
    first = everywhere[np.isfinite(everywhere)].min()
    return np.where(np.isfinite(octaves), octaves, first - 1)


def null_leads(
    octaves: Sequence[Array],
    courses: Sequence[Array],
    noise: tuple[float, float],
    *,
    shares: Array,
    ends: Ends,
    draws: int,
    seed: int,
) -> Array:
    """Draw the leads of a run whose alignment and performance follow one course.

    Where the two are not at the same checkpoints, their mean need not be 0: what stands for either
    end of a curve is a number of checkpoints, so that one course ends elsewhere.

    Parameters
    ----------
    octaves : pair of ndarray, each of shape (n_points,)
    courses : pair of ndarray, each of shape (n_points,)
        From `common_course`.
    noise : tuple of float
        Of alignment and of performance, in units of the rise.
    shares : ndarray, shape (n_shares,)
    ends : Ends
    draws, seed : int

    Returns
    -------
    ndarray, shape (draws, n_shares)
        Octaves; missing as in `times_to`. The cleaner curve is given the other's noise, as where
        leads are measured.
    """
    rng = np.random.default_rng(seed)
    level = np.asarray(max(noise))
    how: dict[str, Any] = {"shares": shares, "ends": ends, "rng": rng}
    times = []
    for own, at, course in zip(noise, octaves, courses, strict=True):
        drawn = course + own * rng.normal(size=(draws, *course.shape))
        extra = np.full(drawn.shape[:-1], float(lacking(np.asarray(own), level)))
        times.append(noisier_times(at, drawn, extra, draws=4, **how))
    return times[1] - times[0]


def _normalised(values: Array, ends: Ends) -> Array:
    base, plateau = rises(values, ends)
    return np.asarray((values - base[..., None]) / (plateau - base)[..., None])
