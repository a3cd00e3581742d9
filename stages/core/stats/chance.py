"""The null of a held-out score: the same analysis on responses shifted in time."""

import logging
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

FEW = 19  # draws: with fewer of them no p reaches .05

log = logging.getLogger("concord.chance")


def draw_shifts(
    segments: NDArray[np.intp],
    shifts: int,
    least: int,
    seed: int,
    joined: NDArray[np.intp] | None = None,
) -> NDArray[np.intp]:
    """Draw circular shifts, independently in each segment.

    A circular shift keeps the autocorrelation of the responses and breaks their relation
    to the stimuli, where independent shuffling would make every smooth series significant.

    Parameters
    ----------
    segments : ndarray of int, shape (n_samples,)
        Label of the run or group of each sample; each is contiguous. A single one has few shifts:
        they are drawn once each, forwards and backwards in time, which keeps autocorrelation too.
    shifts : int
        Number of draws.
    least : int
        Smallest shift, in samples, in either direction; at least 1 is used.
    seed : int
    joined : ndarray of int, shape (n_samples,), optional
        The run of each sample, where segments hold several: shifts are then by whole runs, so that
        what a run has in common stays together.

    Returns
    -------
    ndarray of int, shape (shifts, n_samples)
        Row numbers: `responses[order[i]]` is the i-th draw. Fewer, none of them twice, where there
        are no more: p cannot be smaller than one in as many. A warning tells if none is .05.
    """
    rng = np.random.default_rng(seed)
    least = max(least, 1)
    if joined is None and len(np.unique(segments)) == 1:
        orders = _of_one_run(len(segments), shifts, least, rng)
    else:
        orders = _of_segments(segments, shifts, least, joined, rng)
    if len(orders) < min(shifts, FEW):
        log.warning(
            "runs can be shifted in %d ways only, so that no p is below %.2f: where each of more "
            "than ten runs is long, set folds.scheme to runs",
            *(len(orders), 1 / (len(orders) + 1)),
        )
    return orders


def _of_segments(
    segments: NDArray[np.intp],
    shifts: int,
    least: int,
    joined: NDArray[np.intp] | None,
    rng: np.random.Generator,
) -> NDArray[np.intp]:
    """Shifts of several segments; none of them twice where no more are possible than asked for."""
    orders, possible = np.empty((shifts, len(segments)), dtype=np.intp), 1
    for segment in np.unique(segments):
        rows = np.flatnonzero(segments == segment)
        places = None if joined is None else _run_starts(joined[rows], least)
        if places is None:
            offsets = rng.integers(least, len(rows) - least, size=shifts, endpoint=True)
            possible *= len(rows) - 2 * least + 1
        else:
            offsets = rng.choice(places, shifts)
            possible *= len(places)
        orders[:, rows] = rows[(np.arange(len(rows)) + offsets[:, None]) % len(rows)]
    return orders if possible > shifts else np.unique(orders, axis=0)


def _of_one_run(n: int, shifts: int, least: int, rng: np.random.Generator) -> NDArray[np.intp]:
    """Shifts of n samples, half of them backwards in time, none of them twice."""
    offsets = np.arange(least, n - least + 1)
    drawn = rng.permutation(2 * len(offsets))[:shifts]
    turned, place = np.divmod(drawn, len(offsets))
    order = (np.arange(n) + offsets[place][:, None]) % n
    return np.where(turned[:, None] == 1, order[:, ::-1], order)


def _run_starts(runs: NDArray[np.intp], least: int) -> NDArray[np.intp] | None:
    """Where the runs of a segment begin, far enough from its ends if any are; None of one run."""
    starts = np.flatnonzero(runs[1:] != runs[:-1]) + 1
    far = starts[(starts >= least) & (starts <= len(runs) - least)]
    return (far if len(far) else starts) if len(starts) else None


@dataclass(frozen=True)
class Significance:
    """What a null says of each score; every array has the shape of the scores."""

    null_mean: NDArray[np.float64]
    null_sd: NDArray[np.float64]
    z: NDArray[np.float64]
    p: NDArray[np.float64]


def significance(score: NDArray[np.float64], null: NDArray[np.float64]) -> Significance:
    """Compare scores with draws of their null, one-sided.

    Parameters
    ----------
    score : ndarray, shape (...)
    null : ndarray, shape (..., shifts)

    Returns
    -------
    Significance
        p = (b + 1) / (m + 1) with b the draws that reach the score (Phipson & Smyth 2010);
        z is 0 where the null does not vary.
    """
    mean, deviation = null.mean(axis=-1), null.std(axis=-1)
    varies = deviation > 1e-12
    z = np.where(varies, (score - mean) / np.where(varies, deviation, 1.0), 0.0)
    reached = (null >= score[..., None] - 1e-12).sum(axis=-1)
    return Significance(mean, deviation, z, (reached + 1) / (null.shape[-1] + 1))
