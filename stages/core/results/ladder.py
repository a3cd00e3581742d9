"""The ladder of evidence: for every claim, what it was held against, and what came of it."""

from collections.abc import Mapping
from pathlib import Path

import pandas as pd

from stages.core.results.typed_tables import Columns, empty_table, number, read_typed, text

# What is claimed: that a model predicts or aligns with a region, that it does so better than
# another, or that alignment precedes performance in training.
PREDICTS, SURPASSES, PRECEDES = "predicts", "surpasses", "precedes"

# From what is asked first to what is asked last.
RUNGS = (
    "chance",
    "nuisance",
    "untrained twin",
    "equal width",
    "ceiling",
    "other people",
    "other data",
    "other seeds",
)
HOLDS, FAILS, NOT_ASKED = "holds", "fails", "not asked"
# Why a rung was not asked of a claim, where it does not say itself.
UNASKED = {
    "chance": "not tested",
    "nuisance": "not tested beyond nuisance variables",
    "untrained twin": "beside no untrained twin",
    "equal width": "not scored at equal width",
    "ceiling": "no ceiling above 0 is known",
    "other people": "not told of other people",
    "other data": "in no ladder of other recordings",
    "other seeds": "beside fewer than two untrained draws",
}

CLAIM = ("claim", "model", "other", "region")
COLUMNS: Columns = (
    text("dataset", *CLAIM, "modality", "metric", "rung")
    | number("place")
    | text("state")
    | number("value", "low", "high", "q")
    | text("why")
)
FOUND = ("state", "value", "low", "high", "q", "why")


def ladder_table(claims: pd.DataFrame, rungs: Mapping[str, pd.DataFrame | str]) -> pd.DataFrame:
    """Hold every claim against every rung.

    Parameters
    ----------
    claims : DataFrame
        Columns `CLAIM`, dataset, modality and metric; a row for each.
    rungs : mapping of str to DataFrame or str
        By rung, in any order: what came of it, with the columns `CLAIM` and any of `FOUND`, state
        among them; or why nobody was asked. Claims without a row were not asked (`UNASKED`).

    Returns
    -------
    DataFrame
        The columns of the ladder; a row for each claim and rung, in the order of `RUNGS`.
    """
    if claims.empty:
        return empty_table(COLUMNS)
    tables = []
    for place, rung in enumerate(RUNGS):
        found = rungs.get(rung, "")
        if isinstance(found, str):
            table = claims.assign(state=NOT_ASKED, why=found)
        else:
            kept = found[[*CLAIM, *(name for name in FOUND if name in found)]]
            table = claims.merge(kept, on=list(CLAIM), how="left", validate="one_to_one")
            table["state"] = table["state"].fillna(NOT_ASKED)
        tables.append(table.reindex(columns=list(COLUMNS)).assign(rung=rung, place=float(place)))
    table = pd.concat(tables, ignore_index=True)
    why = table["why"].astype(object).where(table["why"].notna(), "").astype(str)
    silent = table["state"].eq(NOT_ASKED) & why.eq("")
    table["why"] = why.mask(silent, table["rung"].map(UNASKED))
    numbers = [name for name, kind in COLUMNS.items() if kind == "number"]
    return table.astype(dict.fromkeys(numbers, float))


def read_ladder(path: Path, do: str) -> pd.DataFrame:
    """Read a ladder.

    Raises
    ------
    InputError
        If the file is missing or unreadable, or a column is absent or of another kind.
    """
    return read_typed(path, COLUMNS, do)


def standing(ladder: pd.DataFrame) -> pd.DataFrame:
    """Say of every claim how many rungs were asked, how many hold, and which fails first.

    Returns
    -------
    DataFrame
        Columns `CLAIM`, asked, held and first_failed (empty where all that were asked hold).
    """
    claims = list(CLAIM)
    asked = ladder[ladder["state"] != NOT_ASKED].sort_values("place", kind="stable")
    held = asked.assign(held=asked["state"] == HOLDS).groupby(claims, sort=False)["held"]
    counts = held.agg(asked="size", held="sum")
    failed = asked[asked["state"] == FAILS].drop_duplicates(claims)
    first = failed.set_index(claims)["rung"].rename("first_failed")
    table = ladder[claims].drop_duplicates().merge(counts, on=claims, how="left")
    table = table.merge(first, on=claims, how="left").fillna(
        {"asked": 0, "held": 0, "first_failed": ""}
    )
    return table.astype({"asked": int, "held": int, "first_failed": str}).reset_index(drop=True)
