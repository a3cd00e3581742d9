"""At which scale of distances a model's geometry agrees with a region's."""

import re

import numpy as np
import pandas as pd

KERNEL = "rbf"
BANDWIDTH_COLUMNS = (
    "model",
    "modality",
    "subject",
    "region",
    "network",
    "kernel",
    "bandwidth",
    "score",
    "biased",
    "normalized",
)
_METRIC = re.compile(r"cka_(linear|rbf_(?P<bandwidth>[0-9.e-]+))(?P<biased>_biased)?")


def bandwidth_of(metric: str) -> tuple[float, bool] | None:
    """Bandwidth of a kernel metric in medians of the distances, and whether it is biased.

    None for other metrics. As the bandwidth grows, the alignment of RBF kernels becomes that of
    linear ones, whose bandwidth is infinite here.
    """
    found = _METRIC.fullmatch(metric)
    if found is None:
        return None
    return float(found["bandwidth"] or np.inf), found["biased"] is not None


def bandwidth_table(best: pd.DataFrame) -> pd.DataFrame:
    """Unfold the scores of kernel metrics by bandwidth.

    Parameters
    ----------
    best : DataFrame
        Made by `stages.survey.choice.choose_layers`.

    Returns
    -------
    DataFrame
        Score of the layer chosen at that bandwidth; `normalized` is its ratio to the largest over
        bandwidths, missing where that is not positive. The linear kernel has bandwidth infinity.
    """
    known = {name: bandwidth_of(name) for name in best["metric"].unique()}
    widths = {name: found for name, found in known.items() if found is not None}
    rows = best[best["metric"].isin(list(widths))]
    rows = rows.assign(
        kernel=KERNEL,
        bandwidth=[widths[name][0] for name in rows["metric"]],
        biased=[widths[name][1] for name in rows["metric"]],
    ).astype({"bandwidth": float, "biased": bool})
    by = ["model", "modality", "subject", "region", "biased"]
    largest = rows.groupby(by, sort=False)["score"].transform("max")
    rows = rows.assign(normalized=rows["score"] / largest.where(largest > 0))
    return rows.reset_index(drop=True)[list(BANDWIDTH_COLUMNS)]
