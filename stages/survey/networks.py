"""Alignment and depth by network of the brain."""

import pandas as pd

from stages.core.results.survey import TABLES


def network_table(best: pd.DataFrame) -> pd.DataFrame:
    """Average over the regions of each of Yeo's seven networks.

    Parameters
    ----------
    best : DataFrame
        Made by `stages.survey.choice.choose_layers`.

    Returns
    -------
    DataFrame
        Mean score and mean depth (missing for noise) of the chosen layers, and how many regions.
        Regions of no network are not among them.
    """
    rows = best[best["network"] != ""]
    groups = rows.groupby(["model", "modality", "subject", "network", "metric"], sort=False)
    table = groups.agg(score=("score", "mean"), depth=("depth", "mean"), regions=("score", "size"))
    return table.reset_index()[list(TABLES["networks"])]
