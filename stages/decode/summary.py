"""The few numbers per region that go into `data/results/summary/decode.json`."""

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd

from stages.core.names.vocabulary import SIGNIFICANT
from stages.core.results.results import rounded
from stages.core.results.shown import shown_subject


def summarise(table: pd.DataFrame, best: Mapping[str, str]) -> dict[str, dict[str, Any]]:
    """Sum up each region: its best feature, held-out r, chance, ceiling.

    Parameters
    ----------
    table : DataFrame
        Results of one recording.
    best : mapping of str to str
        The feature that the inner folds find best in each region.

    Returns
    -------
    dict
        By region, `best_feature`, its `score`, `null` (mean), `q` (over regions and features) and
        `ceiling` where there is one, and the share of all features with q below .05
        (`significant`). Of the subject average, or of the only subject.
    """
    shown = table[(table["subject"] == shown_subject(table)) & (table["metric"] == "r")]
    return {
        str(region): _region(rows.set_index("target"), best[str(region)])
        for region, rows in shown.groupby("region")
    }


def _region(rows: pd.DataFrame, feature: str) -> dict[str, Any]:
    row = rows.loc[[feature], ["score", "null_mean", "q", "ceiling"]].iloc[0].to_dict()
    summary: dict[str, Any] = {
        "best_feature": feature,
        "score": rounded(row["score"]),
        "null": rounded(row["null_mean"]),
        "q": rounded(row["q"]),
    }
    if np.isfinite(row["ceiling"]):
        summary["ceiling"] = rounded(row["ceiling"])
    return summary | {"significant": rounded((rows["q"] < SIGNIFICANT).mean())}
