"""The results contract: one tidy row per measurement."""

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from stages.core.run.errors import ConcordError
from stages.core.run.tables import read_table, write_table
from stages.core.stats.chance import significance
from stages.core.stats.scores import METRICS, Array, Moments, halves, pearson, r_squared

COLUMNS = (
    "dataset",
    "subject",
    "region",
    "target",
    "family",
    "model",
    "layer",
    "kind",
    "metric",
    "split",
    "score",
    "null_mean",
    "null_sd",
    "z",
    "p",
    "q",
    "q_family",
    "ceiling",
    "ceiling_kind",
    "n",
)
NUMBERS = ("score", "null_mean", "null_sd", "z", "p", "q", "ceiling", "n")
TEXT = tuple(name for name in COLUMNS if name not in NUMBERS)
DIGITS = 4
GROUP = "group"  # the subject average


def results_table(rows: Iterable[dict[str, Any]] | pd.DataFrame) -> pd.DataFrame:
    """Make the tidy table: absent texts are empty, absent numbers missing.

    Parameters
    ----------
    rows : iterable of dict, or DataFrame
        Any of `COLUMNS`.

    Raises
    ------
    ConcordError
        If a score is not finite.
    """
    given = rows if isinstance(rows, pd.DataFrame) else pd.DataFrame(list(rows))
    table = given.reindex(columns=list(COLUMNS))
    for name in TEXT:
        table[name] = table[name].astype(object).where(table[name].notna(), "").astype(str)
    table[list(NUMBERS)] = table[list(NUMBERS)].astype(float)
    bad = ~np.isfinite(table["score"])
    if bad.any():
        row = table[bad].iloc[0]
        raise ConcordError(
            "score that is not finite", where=f"{row['region']}{row['target']}, {row['layer']}"
        )
    return table


def write_results(path: Path, table: pd.DataFrame) -> None:
    """Write a table made by `results_table`."""
    write_table(path, table)


def read_results(path: Path, do: str) -> pd.DataFrame:
    """Read a results table."""
    return read_table(path, COLUMNS, do)


def shown_subject(table: pd.DataFrame) -> str:
    """Name the subject average, or the first subject where there is no average."""
    subjects = table["subject"].unique()
    return GROUP if GROUP in subjects else str(subjects[0])


def rounded(value: float) -> float:
    """Round for a metrics file, so that a rerun elsewhere shows no difference that is not one."""
    return round(float(value), DIGITS) + 0.0


def records(table: pd.DataFrame) -> list[dict[str, Any]]:
    """Turn a table into one dict per row."""
    return [{str(name): value for name, value in row.items()} for row in table.to_dict("records")]


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
