"""The results contract: one tidy row per measurement."""

from collections.abc import Iterable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from stages.core.run.errors import ConcordError
from stages.core.run.tables import read_table, write_table

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
    "null_kind",
    "z",
    "p",
    "q",
    "q_family",
    "ceiling",
    "ceiling_kind",
    "n",
    "row_lag",
    "row_repeats",
)


NUMBERS = (
    *("score", "null_mean", "null_sd", "z", "p", "q", "ceiling", "n"),
    *("row_lag", "row_repeats"),
)


TEXT = tuple(name for name in COLUMNS if name not in NUMBERS)


DIGITS = 4


def results_table(rows: Iterable[dict[str, Any]] | pd.DataFrame) -> pd.DataFrame:
    """Make the tidy table: absent texts are empty, absent numbers missing.

    Parameters
    ----------
    rows : iterable of dict, or DataFrame
        Any of `COLUMNS`. `null_kind` is `closed` where p is that of a formula and `drawn` where it
        is a share of draws, and empty where a study has one kind alone, or no null. `row_lag` and
        `row_repeats` say what speaks against permuted rows, where rows were permuted: the smaller
        of both sides' autocorrelations, and the larger of their shares of near-duplicates.

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


def rounded(value: float) -> float:
    """Round for a metrics file, so that a rerun elsewhere shows no difference that is not one."""
    return round(float(value), DIGITS) + 0.0


def records(table: pd.DataFrame) -> list[dict[str, Any]]:
    """Turn a table into one dict per row."""
    return [{str(name): value for name, value in row.items()} for row in table.to_dict("records")]
