"""The few numbers per region that go into `data/results/summary/profile.json`."""

from typing import Any

import pandas as pd

from stages.core.results.results import rounded
from stages.core.results.shown import shown_subject


def summarise(table: pd.DataFrame) -> dict[str, dict[str, Any]]:
    """Sum up each region and hemisphere: the hidden layer whose profile is nearest.

    Parameters
    ----------
    table : DataFrame
        Results of one model and recording.

    Returns
    -------
    dict
        By region, `nearest_layer` with its Spearman correlation over all features (`score`), the
        mean of its null (`null`), `q` (over regions and layers) and `ceiling`; of regions, also
        `preferred_layer`, which the region resembles more than other regions do; and for each
        family its Spearman correlation with that nearest layer. Of the subject average, or of the
        only subject.
    """
    shown = table[(table["subject"] == shown_subject(table)) & (table["kind"] == "hidden")]
    return {str(region): _region(rows) for region, rows in shown.groupby("region", sort=False)}


def _region(rows: pd.DataFrame) -> dict[str, Any]:
    plain = rows[rows["metric"] == "spearman"]
    overall = plain[plain["family"] == "all"]
    nearest = overall.iloc[int(overall["score"].argmax())]
    summary: dict[str, Any] = {
        "nearest_layer": str(nearest["layer"]),
        "score": rounded(nearest["score"]),
        "null": rounded(nearest["null_mean"]),
        "q": rounded(nearest["q"]),
        "ceiling": rounded(nearest["ceiling"]),
    }
    preferred = rows[(rows["metric"] == "spearman_preference") & (rows["family"] == "all")]
    if len(preferred):
        summary["preferred_layer"] = str(preferred["layer"].iloc[int(preferred["score"].argmax())])
    there = plain[(plain["layer"] == nearest["layer"]) & (plain["family"] != "all")]
    families = there.set_index("family")["score"]
    return summary | {str(name): rounded(float(score)) for name, score in families.items()}
