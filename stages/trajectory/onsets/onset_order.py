"""In which order layers, or regions, get their alignment in training."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.stats import rankdata

from stages.core.stats.run_intervals import Mean, over_runs

Array = NDArray[np.float64]
LEAST = 3  # places that have an order


@dataclass(frozen=True)
class Order:
    """How far the times of places agree with an order, or with each other.

    Attributes
    ----------
    rho : Mean
        Spearman's correlation, averaged over runs (over pairs of runs, if they are held against
        each other; then without an interval).
    p : float
        By permuting places, one-sided for agreement; missing with fewer than three places.
    """

    rho: Mean
    p: float


def relative_onsets(times: Array, sizes: NDArray[np.str_]) -> list[Mean]:
    """Average the time of each place over runs, after the mean of each run was taken out.

    Parameters
    ----------
    times : ndarray, shape (n_runs, n_places)
        Octaves; none missing.
    sizes : ndarray of str, shape (n_runs,)

    Returns
    -------
    list of Mean
        One per place.
    """
    left = times - times.mean(axis=1, keepdims=True)
    return [over_runs(column, sizes) for column in left.T]


def against_order(times: Array, order: Array, sizes: NDArray[np.str_], draws: int) -> Order:
    """Hold the times of every run against a given order of places.

    Parameters
    ----------
    times : ndarray, shape (n_runs, n_places)
        None missing.
    order : ndarray, shape (n_places,)
        Such as the depth of layers; greater is later.
    sizes : ndarray of str, shape (n_runs,)
    draws : int
        Permutations of the order.
    """
    if times.shape[1] < LEAST:
        return _unordered()
    ranks, given = _standard_ranks(times), _standard_ranks(order[None])[0]
    each = ranks @ given
    rng = np.random.default_rng(0)
    null = rng.permuted(np.tile(given, (draws, 1)), axis=1) @ ranks.mean(axis=0)
    reached = int((null >= each.mean() - 1e-12).sum())
    return Order(over_runs(each, sizes), (reached + 1) / (draws + 1))


def between_runs(times: Array, draws: int) -> Order:
    """Hold the times of runs against each other, over all pairs of runs.

    Parameters
    ----------
    times : ndarray, shape (n_runs, n_places)
        None missing.
    draws : int
        Permutations of the places within each run.
    """
    if times.shape[1] < LEAST or len(times) < 2:
        return _unordered()
    ranks = _standard_ranks(times)
    value = float(_mean_pair(ranks[None])[0])
    rng = np.random.default_rng(0)
    null = _mean_pair(rng.permuted(np.tile(ranks, (draws, 1, 1)), axis=2))
    reached = int((null >= value - 1e-12).sum())
    reason = "pairs of runs are not independent: see p"
    return Order(
        Mean(value, np.nan, np.nan, np.nan, len(times), reason), (reached + 1) / (draws + 1)
    )


def _standard_ranks(values: Array) -> Array:
    """Ranks within rows, centred, of length 1, so that products are Spearman's coefficients."""
    ranks = rankdata(values, axis=1)
    ranks = ranks - ranks.mean(axis=1, keepdims=True)
    length = np.sqrt((ranks**2).sum(axis=1, keepdims=True))
    return np.asarray(ranks / np.where(length > 0, length, 1.0))


def _mean_pair(ranks: Array) -> Array:
    """Mean product of all pairs of rows, shape (...), of rows of length 1."""
    runs = ranks.shape[-2]
    total = (ranks.sum(axis=-2) ** 2).sum(axis=-1) - (ranks**2).sum(axis=(-1, -2))
    return np.asarray(total / (runs * (runs - 1)))


def _unordered() -> Order:
    reason = "fewer than three places, or than two runs to compare"
    return Order(Mean(np.nan, np.nan, np.nan, np.nan, 0, reason), np.nan)
