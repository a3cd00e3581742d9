"""Whether metrics agree on which model is more like a region."""

from itertools import combinations

import numpy as np
import pandas as pd

from stages.core.names.vocabulary import NOISE
from stages.core.results.survey import TABLES

FEWEST = 4  # models that are ranked
OVER_REGIONS = (0.1, 0.9)  # quantiles


def metric_agreement(means: pd.DataFrame) -> pd.DataFrame:
    """Correlate how two metrics rank the models, region by region.

    Parameters
    ----------
    means : DataFrame
        Table of the survey; noise is left out.

    Returns
    -------
    DataFrame
        Table `agreement` of the survey. Of every two metrics, Spearman's rho over models (towers by
        themselves), mean over the regions in which both rank `FEWEST` models or more; `low` and
        `high`, its quantiles `OVER_REGIONS` over these; how many they are; and the models of the
        region that has the fewest.
    """
    scores = means[means["modality"] != NOISE]
    wide = scores.pivot_table(
        index=["region", "model", "modality"], columns="metric", values="score", sort=False
    )
    found = []
    for first, second in combinations(dict.fromkeys(scores["metric"]), 2):
        both = wide[[first, second]].dropna()
        counts, rhos = [], []
        for _, rows in both.groupby(level="region", sort=False):
            if len(rows) >= FEWEST and (rows.max() > rows.min()).all():
                counts.append(len(rows))
                rhos.append(rows[first].corr(rows[second], method="spearman"))
        if rhos:
            low, high = np.quantile(rhos, OVER_REGIONS)
            found.append((first, second, np.mean(rhos), low, high, len(rhos), min(counts)))
    table = pd.DataFrame(found, columns=list(TABLES["agreement"]))
    return table.astype({"rho": float, "low": float, "high": float, "regions": int, "models": int})
