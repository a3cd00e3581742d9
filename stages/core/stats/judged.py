"""Held-out scores beside their null: rows for the table of results."""

from collections.abc import Sequence
from typing import Any

from stages.core.stats.chance import significance
from stages.core.stats.scores import METRICS, Array, Moments, halves, pearson, r_squared


def scored_rows(
    labels: Sequence[dict[str, Any]], observed: Moments, shifted: Moments, suffix: str = ""
) -> list[dict[str, Any]]:
    """Score held-out predictions against their null: one row per target and metric.

    Parameters
    ----------
    labels : sequence of dict
        The columns that name each target.
    observed : Moments
        Shape (n_folds, n_targets).
    shifted : Moments
        Shape (n_folds, n_targets, n_shifts).
    suffix : str
        Added to the metrics' names, where responses were changed first.
    """
    rows = []
    n = observed.n.sum(axis=0)
    for metric, score in METRICS.items():
        rows += judged_rows(labels, metric + suffix, score(observed), score(shifted), n)
    return rows


def half_rows(
    labels: Sequence[dict[str, Any]], observed: Moments, shifted: Moments
) -> list[dict[str, Any]]:
    """Score both halves of the folds, as `r_odd` and `r_even`, for reliability."""
    rows = []
    parts = zip(halves(observed).items(), halves(shifted).values(), strict=True)
    for (name, half), null in parts:
        rows += judged_rows(labels, f"r_{name}", pearson(half), pearson(null), half.n.sum(axis=0))
    return rows


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
    against = significance(scores, null)
    rows = []
    for column, label in enumerate(labels):
        judged = {name: float(values[column]) for name, values in vars(against).items()}
        row = {"metric": metric, "score": float(scores[column]), "n": float(n[column])}
        rows.append(label | row | judged)
    return rows


def baseline_rows(labels: Sequence[dict[str, Any]], observed: Moments) -> list[dict[str, Any]]:
    """Score the mean of the training responses: R², which needs no null."""
    row = {"layer": "mean", "kind": "baseline", "metric": "r2"}
    scores, n = r_squared(observed.without_prediction()), observed.n.sum(axis=0)
    return [
        label | row | {"score": float(scores[column]), "n": float(n[column])}
        for column, label in enumerate(labels)
    ]
