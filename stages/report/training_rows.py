"""The courses of training as rows, and what leads what."""

from pathlib import Path

import pandas as pd

from stages.core.names.vocabulary import GROUP, MEAN, PERFORMANCE
from stages.core.results.typed_tables import Columns, empty_table, number, read_typed, text
from stages.core.run.tables import read_table

_LINE = text("of", "size", "weights")
_MEAN = number("low", "high", "n_runs")
_RISE = text("of", "size", "weights", "metric", "region", "over", "reason")
TABLES: dict[str, Columns] = {
    "bands": _LINE
    | text("side", "measure", "layer", "region", "subject", "quantity")
    | number("step", "seen", "mean")
    | _MEAN,
    "leads": _LINE
    | text("metric", "region", "measure", "over", "verdict")
    | number("share", "lead", "null_mean", "null_sd")
    | _MEAN
    | text("reason"),
    "rises": _RISE | number("rise", "low", "high", "n_runs"),
    "controls": _RISE
    | text("control", "verdict")
    | number("rise", "control_rise", "difference", "low", "high", "n_runs"),
}


def read_courses(folders: dict[str, Path]) -> dict[str, pd.DataFrame]:
    """Read courses and leads of the studies whose folders are given.

    Returns
    -------
    dict of str to DataFrame
        `courses` (the mean of all runs of a family at every step, of people as a whole), `leads`,
        `rises`, and `controls` (families beside their controls), each with its study.

    Raises
    ------
    InputError
        If a file is missing or unreadable, or a column is absent or of another kind.
    """
    parts = {study: _read(folder) for study, folder in folders.items()}
    names = {"courses": "bands"} | {name: name for name in ("leads", "rises", "controls")}
    return {
        shown: _joined({study: one[name] for study, one in parts.items()})
        for shown, name in names.items()
    }


def _read(folder: Path) -> dict[str, pd.DataFrame]:
    do = f"Run `dvc repro data/training/dvc.yaml:trajectory_{folder.name}`."
    tables = {}
    for name, columns in TABLES.items():
        path = folder / f"{name}.parquet"
        # Those without rows may lack their columns.
        empty = read_table(path, [], do).empty
        table = empty_table(columns) if empty else read_typed(path, columns, do)
        tables[name] = table[list(columns)]
    whole = tables["bands"]["subject"].isin([GROUP, MEAN])
    kept = whole | tables["bands"]["side"].eq(PERFORMANCE)
    return tables | {"bands": tables["bands"][kept]}


def _joined(tables: dict[str, pd.DataFrame]) -> pd.DataFrame:
    made = [table.assign(study=study) for study, table in tables.items()]
    return pd.concat(made, ignore_index=True)
