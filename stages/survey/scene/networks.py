"""Alignment and depth by network of the brain."""

import pandas as pd

from stages.core.names.areas import is_mixed, purity_of
from stages.core.results.survey import TABLES


def network_table(best: pd.DataFrame) -> pd.DataFrame:
    """Average over the regions of each of Yeo's seven networks.

    Parameters
    ----------
    best : DataFrame
        Made by `stages.survey.scene.choice.choose_layers`.

    Returns
    -------
    DataFrame
        Mean score and mean depth (missing for noise) of the chosen layers, how many regions, how
        many of them are mixed, and their mean purity. Regions of no network are not among them.
    """
    rows = best[best["network"] != ""]
    purity, mixed = (rows["region"].map(of).astype(float) for of in (purity_of, is_mixed))
    rows = rows.assign(purity=purity, mixed=mixed)
    groups = rows.groupby(["model", "modality", "subject", "network", "metric"], sort=False)
    table = groups.agg(
        score=("score", "mean"),
        depth=("depth", "mean"),
        regions=("score", "size"),
        mixed=("mixed", "sum"),
        purity=("purity", "mean"),
    )
    return table.reset_index()[list(TABLES["networks"])]
