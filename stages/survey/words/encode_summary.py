"""The few numbers per region that go into `data/results/summary/encode.json`."""

from typing import Any

import numpy as np
import pandas as pd

from stages.core.results.results import rounded
from stages.core.results.shown import shown_subject


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
        there is one, and the scores of the controls by name; with nuisance variables, also
        `partial`, the score beyond them, its `partial_q`, and the parts of R² that are `unique` to
        the layers chosen beyond them and `shared` with them. Regions are those of the subject
        average, or of the only subject; voxels are averaged over their region.
    """
    table = table[table["subject"] == shown_subject(table)]
    return {str(region): _region(rows) for region, rows in table.groupby("region")}


def _region(rows: pd.DataFrame) -> dict[str, Any]:
    nested = rows[rows["kind"] == "nested"].set_index("metric")
    plain = nested.loc[["r"]]
    ceiling = plain["ceiling"].mean()
    summary = {
        "best_layer": str(plain["layer"].mode().iloc[0]),
        "score": rounded(plain["score"].mean()),
        "null": rounded(plain["null_mean"].mean()),
        "q": rounded(plain["q"].median()),
    }
    if np.isfinite(ceiling):
        summary["ceiling"] = rounded(ceiling)
    if "r_partial" in nested.index:
        partial = nested.loc[["r_partial"]]
        summary["partial"] = rounded(partial["score"].mean())
        summary["partial_q"] = rounded(partial["q"].median())
    for part in ("unique", "shared"):
        if f"r2_{part}" in nested.index:
            summary[part] = rounded(nested.loc[[f"r2_{part}"], "score"].mean())
    controls = rows[(rows["kind"] == "control") & (rows["metric"] == "r")]
    scores = controls.groupby("layer", sort=False)["score"].mean()
    return summary | {str(name): rounded(score) for name, score in scores.items()}
