"""By how many octaves of training alignment is ahead of performance, run by run."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from stages.trajectory.curves.curve_noise import (
    lacking,
    noise_about_rise,
    noisier_times,
    relative_noise,
)
from stages.trajectory.onsets.onset_times import Ends

Array = NDArray[np.float64]
DRAWS = 20  # of the noise that the cleaner curve is given


@dataclass(frozen=True)
class Course:
    """One rising curve of one run.

    Attributes
    ----------
    octaves : ndarray, shape (n_points,)
        Binary logarithm of what was seen; the first may be -inf.
    values : ndarray, shape (..., n_points)
        Turned so that it rises.
    """

    octaves: Array
    values: Array


def leads(
    alignment: list[Course], performance: list[Course], shares: Array, ends: Ends, seed: int
) -> Array:
    """Time to shares of performance's rise minus that of alignment's.

    Parameters
    ----------
    alignment, performance : list of Course
        One of each per run, not necessarily at the same checkpoints. Leading axes of their values
        are repetitions of the whole, such as draws.
    shares : ndarray, shape (n_shares,)
    ends : Ends
    seed : int
        Of the noise that the cleaner of the two is given (see `curve_noise`).

    Returns
    -------
    ndarray, shape (..., n_runs, n_shares)
        Octaves; positive where alignment is earlier. Missing where one of the two passes the
        share before the first checkpoint after step 0.
    """
    rng = np.random.default_rng(seed)
    own, other = pooled_noise(alignment, ends), pooled_noise(performance, ends)
    how: dict[str, Any] = {"shares": shares, "ends": ends, "draws": DRAWS, "rng": rng}
    sides = []
    for courses, lack in ((alignment, lacking(own, other)), (performance, lacking(other, own))):
        times = [noisier_times(run.octaves, run.values, lack, **how) for run in courses]
        sides.append(np.stack(times, axis=-2))
    return np.asarray(sides[1] - sides[0])


def pooled_noise(courses: list[Course], ends: Ends) -> Array:
    """Noise of curves in units of their rise, pooled over runs.

    Returns
    -------
    ndarray, shape (...)
    """
    parts = [noise_about_rise(run.values, ends) for run in courses]
    squares, freedom = (np.stack(some, axis=-1) for some in zip(*parts, strict=True))
    return relative_noise(squares, freedom)
