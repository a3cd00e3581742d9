"""Ladders of other recordings, kept in a folder of their own."""

from pathlib import Path

import pandas as pd

from stages.core.results.ladder import (
    CLAIM,
    COLUMNS,
    FAILS,
    HOLDS,
    NOT_ASKED,
    read_ladder,
)
from stages.core.results.typed_tables import empty_table
from stages.ladder.pair_rungs import turned

ELSEWHERE = ("chance", "nuisance", "untrained twin")  # rungs that count of other recordings


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


def in_other_data(claims: pd.DataFrame, ladders: pd.DataFrame) -> pd.DataFrame:
    """Look for the same claims, by the same metric, in the ladders of other recordings.

    Parameters
    ----------
    claims : DataFrame
        Columns `CLAIM`, and metric.
    ladders : DataFrame
        Of other recordings, below each other.

    Returns
    -------
    DataFrame
        A claim holds if it does, in every other recording that has it, against all of `ELSEWHERE`
        that was asked there. That one model surpasses another fails where the other does.
    """
    asked = ladders[ladders["rung"].isin(ELSEWHERE) & (ladders["state"] != NOT_ASKED)]
    asked = asked[asked["metric"].isin(claims["metric"].unique())]
    rows = []
    for claim, found in asked.groupby(list(CLAIM), sort=False):
        failed = sorted(found.loc[found["state"] == FAILS, "dataset"].unique())
        why = f"fails in {', '.join(failed)}" if failed else f"in {', '.join(_names(found))}"
        state = FAILS if failed else HOLDS
        rows.append(dict(zip(CLAIM, claim, strict=True)) | {"state": state, "why": why})
    known = pd.DataFrame(rows, columns=[*CLAIM, "state", "why"])
    found = turned(known, claims)
    return found.sort_values("state").drop_duplicates(list(CLAIM))


def _names(found: pd.DataFrame) -> list[str]:
    return sorted(found["dataset"].unique())
