"""Scores without each piece of the stimuli: what tells how scores would vary with other stimuli."""

from collections.abc import Sequence
from pathlib import Path

import pandas as pd

from stages.core.results.typed_tables import Columns, empty_table, number, read_typed, text

WHAT = ("dataset", "model", "subject", "region", "target", "layer", "kind", "metric")
# `fitted`: see `stages.core.stats.jackknife.pseudo_values`; 0 where nothing is.
COLUMNS: Columns = text(*WHAT) | number("piece", "score", "fitted")


def jackknife_table(tables: Sequence[pd.DataFrame]) -> pd.DataFrame:
    """Put tables with some of `COLUMNS` below each other; absent texts are empty, fitted is 0."""
    if not tables:
        return empty_table(COLUMNS)
    table = pd.concat(tables, ignore_index=True).reindex(columns=list(COLUMNS))
    for name in WHAT:
        table[name] = table[name].astype(object).where(table[name].notna(), "").astype(str)
    table["fitted"] = table["fitted"].astype(float).fillna(0.0)
    return table.astype({"piece": float, "score": float})


def read_jackknife(path: Path, do: str) -> pd.DataFrame:
    """Read a table made by `jackknife_table`.

    Raises
    ------
    InputError
        If the file is missing or unreadable, or a column is absent or of another kind.
    """
    return read_typed(path, COLUMNS, do)
