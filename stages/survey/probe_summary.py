"""The few numbers per layer and family that go into `data/results/summary/probe.json`."""

import pandas as pd

from stages.core.names.vocabulary import SIGNIFICANT
from stages.core.results.results import rounded


def summarise(table: pd.DataFrame) -> dict[str, dict[str, dict[str, float]]]:
    """Sum up each layer and feature family; heads are left to the table.

    Parameters
    ----------
    table : DataFrame
        Results of one model and recording.

    Returns
    -------
    dict
        By layer and family, the mean held-out r (`score`), the mean of its null (`null`), and the
        share of features with q below .05 (`significant`).
    """
    table = table[(table["metric"] == "r") & (table["kind"] != "head")]
    summary: dict[str, dict[str, dict[str, float]]] = {}
    for (layer, name), rows in table.groupby(["layer", "family"], sort=False):
        summary.setdefault(str(layer), {})[str(name)] = {
            "score": rounded(rows["score"].mean()),
            "null": rounded(rows["null_mean"].mean()),
            "significant": rounded((rows["q"] < SIGNIFICANT).mean()),
        }
    return summary
