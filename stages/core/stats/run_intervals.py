"""Means over training runs, with intervals that are honest with few of them.

The run is the unit of inference. Student's t is used throughout: the percentile bootstrap of a
mean of three to ten runs is too short (Hesterberg 2015, The American Statistician 69:371).
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.special import stdtr, stdtrit

Array = NDArray[np.float64]
TAIL = 0.025


@dataclass(frozen=True)
class Mean:
    """A mean over runs.

    Attributes
    ----------
    value : float
        Missing without any run.
    low, high : float
        95 % interval; missing where `reason` says why.
    p : float
        One-sided, that the mean is not above 0; missing where the interval is.
    n : int
        Runs that it stands on.
    reason : str
        Why there is no interval; empty where there is one.
    """

    value: float
    low: float
    high: float
    p: float
    n: int
    reason: str


def over_runs(values: Array, sizes: NDArray[np.str_]) -> Mean:
    """Mean of the means of sizes, with an interval over new runs of the same sizes.

    Parameters
    ----------
    values : ndarray, shape (n_runs,)
        Missing ones are left out and not counted.
    sizes : ndarray of str, shape (n_runs,)
        Which runs are repetitions of each other; their variance is pooled over sizes.
    """
    values, codes, counts = _present(values, sizes)
    if len(values) == 0:
        return Mean(np.nan, np.nan, np.nan, np.nan, 0, "no run has a value")
    means = np.bincount(codes, values) / counts
    value, freedom = float(means.mean()), len(values) - len(counts)
    if freedom == 0:
        reason = "one run" if len(values) == 1 else "one run of each size"
        return _bare(value, len(values), f"{reason}: no interval over runs")
    variance = ((values - means[codes]) ** 2).sum() / freedom
    error = np.sqrt(variance * (1 / counts).sum()) / len(counts)
    return _student(value, float(error), freedom, len(values))


def over_sizes(values: Array, sizes: NDArray[np.str_]) -> Mean:
    """Mean of the means of sizes, with an interval over new sizes, their runs with them."""
    values, codes, counts = _present(values, sizes)
    if len(counts) < 2:
        value = float(values.mean()) if len(values) else np.nan
        return _bare(value, len(values), "fewer than two sizes: no interval over sizes")
    means = np.bincount(codes, values) / counts
    error = means.std(ddof=1) / np.sqrt(len(means))
    return _student(float(means.mean()), float(error), len(means) - 1, len(values))


def over_runs_and_others(values: Array) -> Mean:
    """Mean with an interval over new runs and new subjects (or stimuli), crossed.

    The variance of the mean is that of the two-way random model, from its mean squares, its
    degrees of freedom Satterthwaite's (Searle, Casella & McCulloch 1992, Variance Components,
    chapter 4).

    Parameters
    ----------
    values : ndarray, shape (n_runs, n_others)
        None missing.
    """
    runs, others = values.shape
    if min(runs, others) < 2:
        reason = "fewer than two runs or subjects: no interval over both"
        return _bare(float(values.mean()), runs, reason)
    centre = values.mean()
    by_run, by_other = values.mean(axis=1) - centre, values.mean(axis=0) - centre
    left = values - centre - by_run[:, None] - by_other
    squares = np.array([others * (by_run**2).sum(), runs * (by_other**2).sum(), (left**2).sum()])
    freedoms = np.array([runs - 1.0, others - 1.0, (runs - 1.0) * (others - 1.0)])
    mean_squares = squares / freedoms
    signs = np.array([1.0, 1.0, -1.0])
    total = float(signs @ mean_squares)
    if total <= mean_squares[:2].max():  # the interaction exceeds one of the two: leave it out
        at = int(mean_squares[:2].argmax())
        total, freedom = float(mean_squares[at]), float(freedoms[at])
    else:
        freedom = float(total**2 / (mean_squares**2 / freedoms).sum())
    return _student(float(centre), float(np.sqrt(total / values.size)), freedom, runs)


def over_two_groups(
    values: Array, sizes: NDArray[np.str_], others: Array, other_sizes: NDArray[np.str_]
) -> Mean:
    """Mean difference of two groups of runs, with Welch's interval over new runs of both.

    It is the mean, over the sizes that both have, of the differences of their means; runs of other
    sizes are left out.

    Parameters
    ----------
    values, others : ndarray, shape (n_runs,)
        Missing ones are left out and not counted.
    sizes, other_sizes : ndarray of str, shape (n_runs,)
        Which runs are repetitions of each other; each such group has its own variance.

    Returns
    -------
    Mean
        `n` counts the runs of the first group.
    """
    named = np.array(sorted({*sizes[np.isfinite(values)]} & {*other_sizes[np.isfinite(others)]}))
    one = [values[(sizes == size) & np.isfinite(values)] for size in named]
    other = [others[(other_sizes == size) & np.isfinite(others)] for size in named]
    n = sum(map(len, one))
    if n == 0:
        return Mean(np.nan, np.nan, np.nan, np.nan, 0, "no size has runs of both")
    value = float(np.mean([a.mean() - b.mean() for a, b in zip(one, other, strict=True)]))
    counts = np.array([len(group) for group in (*one, *other)], dtype=float)
    if counts.min() < 2:
        return _bare(value, n, "one run of a kind: no interval over runs")
    parts = np.array([group.var(ddof=1) for group in (*one, *other)]) / counts / len(named) ** 2
    total = float(parts.sum())
    spread = float((parts**2 / (counts - 1)).sum())
    freedom = total**2 / spread if spread > 0 else float((counts - 1).sum())
    return _student(value, float(np.sqrt(total)), freedom, n)


def _present(
    values: Array, sizes: NDArray[np.str_]
) -> tuple[Array, NDArray[np.intp], NDArray[np.intp]]:
    known = np.isfinite(values)
    _, codes, counts = np.unique(sizes[known], return_inverse=True, return_counts=True)
    return values[known], codes, counts


def _bare(value: float, n: int, reason: str) -> Mean:
    return Mean(value, np.nan, np.nan, np.nan, n, reason)


def _student(value: float, error: float, freedom: float, n: int) -> Mean:
    reach = -float(stdtrit(freedom, TAIL)) * error
    certain = 0.0 if value > 0 else 1.0
    p = float(stdtr(freedom, -value / error)) if error > 0 else certain
    return Mean(value, value - reach, value + reach, p, n, "")
