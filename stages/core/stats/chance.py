"""The null of a held-out score: the same analysis on responses shifted in time."""

import logging
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from stages.core.stats.run_orders import folded_runs, folded_samples, in_time, permuted_runs

Ints = NDArray[np.intp]
FEW = 19  # draws: with fewer of them no p reaches .05
LONG = 100  # places that a long run can be shifted to, so that two runs have ten thousand shifts

log = logging.getLogger("concord.chance")


def draw_shifts(
    segments: Ints,
    shifts: int,
    least: int,
    seed: int,
    joined: Ints | None = None,
    *,
    once: bool = False,
) -> Ints:
    """Draw circular shifts, independently in each segment, or other orders where runs are short.

    A circular shift keeps the autocorrelation of the responses and breaks their relation
    to the stimuli, where independent shuffling would make every smooth series significant.

    Parameters
    ----------
    segments : ndarray of int, shape (n_samples,)
        Label of the run or group of each sample; each is contiguous. A single one has
        few shifts: they are drawn once each, forwards and backwards in time, which keeps
        autocorrelation too. Where one of several can be shifted to fewer than `LONG` places, they
        are taken for one stretch as well (`folded_samples`): what stays where it is remains as
        correlated as it was.
    shifts : int
        Number of draws.
    least : int
        Smallest shift, but of whole runs, in samples, in either direction; at least 1 is used.
    seed : int
    joined : ndarray of int, shape (n_samples,), optional
        The run of each sample, where segments hold several: whole runs are then put into each
        other's place (`folded_runs`), in the whole recording and not within segments.
    once : bool
        Whether every sample comes once in each order, as matrices of similarities need: runs are
        then put into another order (`permuted_runs`), and short ones shifted as if they were one.

    Returns
    -------
    ndarray of int, shape (shifts, n_samples)
        Row numbers: `responses[order[i]]` is the i-th draw. Fewer, none of them twice, where there
        are no more: p cannot be smaller than one in as many. A warning tells if none is .05.
    """
    rng = np.random.default_rng(seed)
    least = max(least, 1)
    lengths = np.bincount(in_time(segments))
    if joined is not None:
        orders = (permuted_runs if once else folded_runs)(in_time(joined), shifts, rng)
    elif len(lengths) > 1 and lengths.min() >= _enough(least):
        orders = _of_long_runs(segments, shifts, least, rng)
    elif len(lengths) > 1:
        one_stretch = _of_one_run if once else folded_samples
        orders = one_stretch(len(segments), shifts, least, rng)
    else:
        orders = _of_one_run(len(segments), shifts, least, rng)
    if len(orders) < min(shifts, FEW):
        log.warning(
            "samples can be ordered in %d other ways only, so that no p is below %.2f",
            *(len(orders), 1 / (len(orders) + 1)),
        )
    return orders


def warn_of_short_runs(segments: Ints, least: int, joined: Ints | None, do: str) -> None:
    """Tell a user, once, that runs are few and short, and what passes as agreement therefore.

    Parameters
    ----------
    segments, least, joined
        As those of `draw_shifts`.
    do : str
        What the stage offers against it.
    """
    lengths, enough = np.bincount(in_time(segments)), _enough(max(least, 1))
    if joined is None and len(lengths) > 1 and lengths.min() < enough:
        log.warning(
            "few short runs: expected %d samples or more in each, got %d runs, the shortest of %d. "
            "They are shifted as one, so that what both sides have at the beginning of runs passes "
            "as agreement (p < .05 in 33 %% of 3 runs of 30). %s",
            *(enough, len(lengths), lengths.min(), do),
        )


def _enough(least: int) -> int:
    """Count the samples of a run that can be shifted to `LONG` places."""
    return LONG + 2 * least - 1


def _of_long_runs(segments: Ints, shifts: int, least: int, rng: np.random.Generator) -> Ints:
    orders = np.empty((shifts, len(segments)), dtype=np.intp)
    for segment in np.unique(segments):
        rows = np.flatnonzero(segments == segment)
        offsets = rng.integers(least, len(rows) - least, size=shifts, endpoint=True)
        orders[:, rows] = rows[(np.arange(len(rows)) + offsets[:, None]) % len(rows)]
    return orders


def _of_one_run(n: int, shifts: int, least: int, rng: np.random.Generator) -> Ints:
    """Shifts of n samples, half of them backwards in time, none of them twice."""
    offsets = np.arange(least, n - least + 1)
    drawn = rng.permutation(2 * len(offsets))[:shifts]
    turned, place = np.divmod(drawn, len(offsets))
    order = (np.arange(n) + offsets[place][:, None]) % n
    return np.where(turned[:, None] == 1, order[:, ::-1], order)


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
