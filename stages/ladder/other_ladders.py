"""Ladders of other recordings, kept in a folder of their own."""

from pathlib import Path

import pandas as pd

from stages.core.results.ladder import COLUMNS, read_ladder
from stages.core.results.typed_tables import empty_table


def other_ladders(folder: Path, dataset: str) -> pd.DataFrame:
    """Read the ladders in a folder, below each other, but for that of one recording.

    Parameters
    ----------
    folder : Path
        With any number of tables (`*.parquet`) that a stage of ladders wrote.
    dataset : str
        The recording at hand.

    Raises
    ------
    InputError
        If a table is no ladder.
    """
    do = "Only tables that a stage of ladders wrote belong there."
    tables = [read_ladder(path, do) for path in sorted(folder.glob("*.parquet"))]
    if not tables:
        return empty_table(COLUMNS)
    every = pd.concat(tables, ignore_index=True)
    return every[every["dataset"] != dataset]
