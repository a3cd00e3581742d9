"""Whether a model aligns with the same regions in everybody."""

from collections.abc import Iterator
from itertools import combinations
from typing import Any

import pandas as pd

from stages.core.names.vocabulary import GROUP
from stages.core.results.survey import TABLES

_TOWER = ["model", "modality", "metric"]
FEWEST = 5  # regions in common


def consistency_table(best: pd.DataFrame) -> pd.DataFrame:
    """Correlate the best scores of every two subjects over the regions that both have.

    Parameters
    ----------
    best : DataFrame
        Made by `stages.survey.scene.choice.choose_layers`.

    Returns
    -------
    DataFrame
        Pearson's r and Spearman's rho, where five or more regions are common and the scores vary.
    """
    people = best[best["subject"] != GROUP]
    rows = [
        label | pair
        for name, group in people.groupby(_TOWER, sort=False)
        for label in [dict(zip(_TOWER, name, strict=True))]
        for pair in _pairs(group)
    ]
    table = pd.DataFrame(rows, columns=list(TABLES["consistency"]))
    return table.astype({"r": float, "rho": float, "regions": int})


def _pairs(rows: pd.DataFrame) -> Iterator[dict[str, Any]]:
    """Correlations between subjects, in the order of the table."""
    wide = rows.pivot_table(index="region", columns="subject", values="score")
    there = wide.notna().astype(int)
    common = there.T @ there
    r = wide.corr(min_periods=FEWEST)
    rho = wide.corr(method="spearman", min_periods=FEWEST)
    for first, second in combinations(rows["subject"].unique(), 2):
        if pd.notna(r.loc[first, second]):
            yield {
                "first": first,
                "second": second,
                "r": float(r.loc[first, second]),
                "rho": float(rho.loc[first, second]),
                "regions": int(common.loc[first, second]),
            }
