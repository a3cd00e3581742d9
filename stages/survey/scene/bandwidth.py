"""At which scale of distances a model's geometry agrees with a region's."""

import pandas as pd

from stages.core.names.metrics import parse_metric
from stages.core.results.survey import TABLES

KERNEL = "rbf"


def bandwidth_table(best: pd.DataFrame) -> pd.DataFrame:
    """Unfold the scores of kernel metrics by bandwidth.

    Parameters
    ----------
    best : DataFrame
        Made by `stages.survey.scene.choice.choose_layers`.

    Returns
    -------
    DataFrame
        Score of the layer chosen at that bandwidth; `normalized` is its ratio to the largest over
        bandwidths, missing where that is not positive. The linear kernel has bandwidth infinity.
    """
    known = {str(name): parse_metric(name) for name in best["metric"].unique()}
    scales = {name: found.scale for name, found in known.items() if found.scale is not None}
    rows = best[best["metric"].isin(list(scales))]
    rows = rows.assign(
        kernel=KERNEL,
        bandwidth=[scales[name] for name in rows["metric"]],
        biased=[known[name].biased for name in rows["metric"]],
    ).astype({"bandwidth": float, "biased": bool})
    by = ["model", "modality", "subject", "region", "biased"]
    largest = rows.groupby(by, sort=False)["score"].transform("max")
    rows = rows.assign(normalized=rows["score"] / largest.where(largest > 0))
    return rows.reset_index(drop=True)[list(TABLES["bandwidth"])]
