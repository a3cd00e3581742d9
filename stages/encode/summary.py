"""The few numbers per region that go into `metrics/encode.json`."""

from typing import Any

import numpy as np
import pandas as pd

from stages.core.results import rounded
from stages.encode.responses import GROUP


def summarise(table: pd.DataFrame) -> dict[str, dict[str, Any]]:
    """Sum up each region: the layer chosen in the inner folds, its held-out r, chance, ceiling.

    Parameters
    ----------
    table : DataFrame
        Results of one model and recording.

    Returns
    -------
    dict
        By region, `best_layer`, `score`, `null` (mean), `q` (over regions), `ceiling` where
        there is one, and the scores of the controls by name. Regions are those of the subject
        average, or of the only subject; voxels are averaged over their region.
    """
    subjects = list(table["subject"].unique())
    table = table[table["subject"] == (GROUP if GROUP in subjects else subjects[0])]
    table = table[table["metric"] == "r"]
    return {str(region): _region(rows) for region, rows in table.groupby("region")}


def _region(rows: pd.DataFrame) -> dict[str, Any]:
    nested = rows[rows["kind"] == "nested"]
    ceiling = nested["ceiling"].mean()
    summary = {
        "best_layer": str(nested["layer"].mode().iloc[0]),
        "score": rounded(nested["score"].mean()),
        "null": rounded(nested["null_mean"].mean()),
        "q": rounded(nested["q"].min()),
    }
    if np.isfinite(ceiling):
        summary["ceiling"] = rounded(ceiling)
    controls = rows[rows["kind"] == "control"].groupby("layer", sort=False)["score"].mean()
    return summary | {str(name): rounded(score) for name, score in controls.items()}
