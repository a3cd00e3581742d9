"""Tables of the pictures of ladders: one row per claim, one column per rung."""

from collections.abc import Mapping

import pandas as pd

from stages.core.results.ladder import HOLDS, NOT_ASKED, PREDICTS, RUNGS

STATES = ["held", "asked"]


def claim_counts(ladders: Mapping[str, pd.DataFrame]) -> pd.DataFrame:
    """Count, by study, claim and rung, in how many regions it was asked and held.

    Parameters
    ----------
    ladders : mapping of str to DataFrame
        By study.

    Returns
    -------
    DataFrame
        Columns study, claim (in words), rung, regions, asked and held; rungs in their order.
    """
    tables = [_counts(study, ladder) for study, ladder in ladders.items() if len(ladder)]
    columns = ["study", "claim", "rung", "regions", "asked", "held"]
    return pd.concat(tables, ignore_index=True) if tables else pd.DataFrame(columns=columns)


def _counts(study: str, ladder: pd.DataFrame) -> pd.DataFrame:
    other = " " + ladder["other"]
    words = ladder["model"] + " " + ladder["claim"] + other.where(ladder["other"] != "", "")
    rows = ladder.assign(
        study=study,
        claim=words,
        asked=ladder["state"] != NOT_ASKED,
        held=ladder["state"] == HOLDS,
    )
    cells = rows.groupby(["study", "claim", "rung"], sort=False)
    table = cells.agg(regions=("region", "nunique"), asked=("asked", "sum"), held=("held", "sum"))
    table = table.reset_index()
    order = {name: place for place, name in enumerate(table["claim"].unique())}
    places = table["claim"].map(order) * len(RUNGS) + table["rung"].map(RUNGS.index)
    return table.iloc[places.argsort(kind="stable")].reset_index(drop=True)


def region_rows(ladder: pd.DataFrame) -> pd.DataFrame:
    """Select what the first model claims to predict, the regions of which most holds first.

    Parameters
    ----------
    ladder : DataFrame
        Of one study.

    Returns
    -------
    DataFrame
        Rows of the ladder; none where no model predicts.
    """
    rows = ladder[ladder["claim"] == PREDICTS]
    if rows.empty:
        return rows
    rows = rows[rows["model"] == rows["model"].iloc[0]]
    held = (rows["state"] == HOLDS).groupby(rows["region"]).sum()
    first = rows[rows["rung"] == RUNGS[0]].set_index("region")["value"]
    order = pd.DataFrame({"held": held, "value": first}).sort_values(
        ["held", "value"], ascending=False, kind="stable"
    )
    places = {region: place for place, region in enumerate(order.index)}
    sorting = rows["region"].map(places) * len(RUNGS) + rows["place"]
    ordered: pd.DataFrame = rows.iloc[sorting.to_numpy().argsort(kind="stable")]
    return ordered.reset_index(drop=True)
