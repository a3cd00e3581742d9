"""Held-out scores beside their null: columns and rows for the table of results."""

from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np
import pandas as pd

from stages.core.stats.chance import significance
from stages.core.stats.scores import METRICS, Array, Moments, halves, pearson, r_squared

Columns = dict[str, Array]  # by name of a results table, each of shape (n_targets,)


def judge(scores: Array, null: Array, n: Array) -> Columns:
    """Hold scores against draws of their null.

    Parameters
    ----------
    scores, n : ndarray, shape (n_targets,)
    null : ndarray, shape (n_targets, n_shifts)
    """
    return {"score": scores, "n": n, **vars(significance(scores, null))}


def judge_metrics(observed: Moments, shifted: Moments, suffix: str = "") -> dict[str, Columns]:
    """Score held-out predictions against their null, by every metric.

    Parameters
    ----------
    observed : Moments
        Shape (n_folds, n_targets).
    shifted : Moments
        Shape (n_folds, n_targets, n_shifts).
    suffix : str
        Added to the metrics' names, where responses were changed first.
    """
    n = observed.n.sum(axis=0)
    return {
        metric + suffix: judge(score(observed), score(shifted), n)
        for metric, score in METRICS.items()
    }


def judge_halves(observed: Moments, shifted: Moments) -> dict[str, Columns]:
    """Score both halves of the folds, as `r_odd` and `r_even`, for reliability."""
    parts = zip(halves(observed).items(), halves(shifted).values(), strict=True)
    return {
        f"r_{name}": judge(pearson(half), pearson(null), half.n.sum(axis=0))
        for (name, half), null in parts
    }


def judge_baseline(observed: Moments) -> dict[str, Columns]:
    """Score the mean of the training responses: R², which needs no null."""
    scores = r_squared(observed.without_prediction())
    return {"r2": {"score": scores, "n": observed.n.sum(axis=0)}}


def join(parts: Iterable[dict[str, Columns]]) -> dict[str, Columns]:
    """Put the scores of some targets and of others together."""
    parts = list(parts)
    return {
        metric: {name: np.concatenate([part[metric][name] for part in parts]) for name in columns}
        for metric, columns in parts[0].items()
    }


def judged_table(names: pd.DataFrame, judged: dict[str, Columns], **labels: Any) -> pd.DataFrame:
    """Make one row per metric and target.

    Parameters
    ----------
    names : DataFrame
        The columns that name each target.
    judged : dict
        By metric.
    **labels
        More columns, the same for all targets or with a value for each.
    """
    tables = [names.assign(**labels, metric=metric, **found) for metric, found in judged.items()]
    return pd.concat(tables, ignore_index=True)


def judged_rows(
    labels: Sequence[dict[str, Any]], metric: str, scores: Array, null: Array, n: Array
) -> list[dict[str, Any]]:
    """Hold scores against draws of their null: one row per target.

    Parameters
    ----------
    labels : sequence of dict
        The columns that name each target.
    metric : str
    scores, n : ndarray, shape (n_targets,)
    null : ndarray, shape (n_targets, n_shifts)
    """
    return _rows(labels, {"metric": metric}, judge(scores, null, n))


def baseline_rows(labels: Sequence[dict[str, Any]], observed: Moments) -> list[dict[str, Any]]:
    """Score the mean of the training responses: one row per target."""
    row = {"layer": "mean", "kind": "baseline", "metric": "r2"}
    return _rows(labels, row, judge_baseline(observed)["r2"])


def _rows(
    labels: Sequence[dict[str, Any]], row: dict[str, Any], columns: Columns
) -> list[dict[str, Any]]:
    return [
        label | row | {name: float(values[place]) for name, values in columns.items()}
        for place, label in enumerate(labels)
    ]
