"""The results contract: one tidy row per measurement."""

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from stages.core.results.stage_rows import STAGE_ROWS, Stage, foreign
from stages.core.results.typed_tables import number, read_typed, text
from stages.core.run.errors import ConcordError, InputError
from stages.core.run.tables import write_table

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


def write_results(
    path: Path, table: pd.DataFrame, made_from: Mapping[str, str] | None = None
) -> None:
    """Write a table made by `results_table`, and what it was made from."""
    write_table(path, table, made_from)


def read_results(path: Path, stage: Stage, do: str) -> pd.DataFrame:
    """Read a results table that a stage has written.

    Raises
    ------
    InputError
        If it is missing or unreadable, a column is absent or of another kind, a score is not
        finite, a probability is none, a row occurs twice, or another stage wrote it.
    """
    kinds = text(*TEXT) | number(*NUMBERS)
    table = read_typed(path, {name: kinds[name] for name in COLUMNS}, do)
    chances = table[["p", "q"]]
    wrong = {
        "score that is not finite": ~np.isfinite(table["score"]),
        "probability outside 0 to 1": (chances.lt(0) | chances.gt(1)).any(axis=1),
        "row that occurs twice": table.duplicated(),
    }
    for what, rows in wrong.items():
        if rows.any():
            row = table[rows].iloc[0]
            got = f"{row['model']}, {row['layer']}, {row['region']}{row['target']}, {row['metric']}"
            raise InputError(what, where=path, got=got, do=do)
    _check_stage(table, stage, path, do)
    return table


def _check_stage(table: pd.DataFrame, stage: Stage, path: Path, do: str) -> None:
    """Raise `InputError` if a stage does not write such rows."""
    others, own = foreign(table, stage), STAGE_ROWS[stage]
    if others.any():
        row = table.loc[others, [*own.named, *own.empty, "kind"]].iloc[0]
        raise InputError(
            f"row that {stage} does not write",
            where=path,
            expected=f"{', '.join(own.named)}; no {', '.join(own.empty)}; {'/'.join(own.kinds)}",
            got=", ".join(f"{name} {str(value)!r}" for name, value in row.items()),
            do=do,
        )


def rounded(value: float) -> float:
    """Round for a metrics file, so that a rerun elsewhere shows no difference that is not one."""
    return round(float(value), DIGITS) + 0.0


def records(table: pd.DataFrame) -> list[dict[str, Any]]:
    """Turn a table into one dict per row."""
    return [{str(name): value for name, value in row.items()} for row in table.to_dict("records")]
