"""Scores of designs, and of the choice among them, each against its null."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from stages.core.regression.ridge import Fit, shifted
from stages.core.regression.shift_null import ShiftNull
from stages.core.run.shared import Shared
from stages.core.stats.judged import Columns, join, judge, judge_metrics
from stages.core.stats.scores import Moments, explained, pick

Array = NDArray[np.float64]
Flags = NDArray[np.bool_]
PARTIAL, UNIQUE = "_partial", "r2_unique"


@dataclass(frozen=True)
class Asked:
    """A design and some of the targets, to be held against their null.

    Attributes
    ----------
    fit : Shared of Fit
        Of all targets.
    columns : slice
        The targets.
    kept : ndarray of bool, shape (n_folds, n_columns)
        Where the sums of the null are wanted, because the inner folds choose this design.
    """

    fit: Shared[Fit]
    columns: slice
    kept: Flags


@dataclass(frozen=True)
class Judged:
    """What came of it.

    Attributes
    ----------
    scores : dict
        Columns of the results table, by metric.
    sums : tuple of ndarray, each of shape (n_kept, n_shifts)
        Fields of `Moments`, in the order of targets and of folds within each.
    """

    scores: dict[str, Columns]
    sums: tuple[Array, ...]


def judge_fit(
    asked: Asked, *, targets: Shared[NDArray[np.floating]], null: Shared[ShiftNull], suffix: str
) -> Judged:
    """Score one design against its null, a few targets at a time.

    Parameters
    ----------
    asked : Asked
    targets : Shared of ndarray, shape (n_samples, n_targets)
    null : Shared of ShiftNull
    suffix : str
        Added to the metrics' names.
    """
    fit = asked.fit.value.columns(asked.columns)
    scores, kept = [], []
    for columns, (sums,) in shifted([fit], targets.value[:, asked.columns], null.value):
        whole = targets.value[:, asked.columns][:, columns]
        scores.append(_judged(fit.observed.columns(columns), sums, whole, suffix))
        here = asked.kept[:, columns].T
        kept.append([np.swapaxes(values, 0, 1)[here] for values in vars(sums).values()])
    joined = tuple(np.concatenate(values) for values in zip(*kept, strict=True))
    return Judged(join(scores), joined)


def judge_choice(
    fits: Sequence[Fit],
    judged: Sequence[Judged],
    chosen: NDArray[np.intp],
    targets: NDArray[np.floating],
    suffix: str,
) -> dict[str, Columns]:
    """Score the design that the inner folds choose in each fold, for every target.

    Parameters
    ----------
    fits : sequence of Fit
        The candidates, of the same targets.
    judged : sequence of Judged
        What came of each, kept where it is chosen.
    chosen : ndarray of int, shape (n_folds, n_targets)
        Place of the design among the candidates.
    targets : ndarray, shape (n_samples, n_targets)
    suffix : str
        Added to the metrics' names.
    """
    places = np.concatenate([np.flatnonzero(k == chosen.T) for k in range(len(fits))])
    back = np.argsort(places)
    n_folds, n_targets = chosen.shape
    sums = []
    for values in zip(*(one.sums for one in judged), strict=True):
        in_order = np.concatenate(values)[back].reshape(n_targets, n_folds, -1)
        sums.append(np.swapaxes(in_order, 0, 1))
    observed = pick([fit.observed for fit in fits], chosen)
    return _judged(observed, Moments(*sums), targets, suffix)


def _judged(
    observed: Moments, shifted: Moments, targets: NDArray[np.floating], suffix: str
) -> dict[str, Columns]:
    """Judge by every metric; beyond nuisance variables, by the unique part of R² too."""
    found = judge_metrics(observed, shifted, suffix)
    if suffix != PARTIAL:
        return found
    whole = np.asarray(targets, dtype=np.float64)
    total = np.square(whole - whole.mean(axis=0)).sum(axis=0)
    share, null = explained(observed, total), explained(shifted, total[:, None])
    return found | {UNIQUE: judge(share, null, observed.n.sum(axis=0))}
