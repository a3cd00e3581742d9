"""The few numbers per layer and family that go into `data/results/summary/probe.json`."""

import pandas as pd

from stages.core.names.vocabulary import SIGNIFICANT
from stages.core.results.results import rounded
from stages.core.results.upheld import upheld


def summarise(table: pd.DataFrame) -> dict[str, dict[str, dict[str, float]]]:
    """Sum up each layer and feature family; heads are left to the table.

    Parameters
    ----------
    table : DataFrame
        Results of one model and recording.

    Returns
    -------
    dict
        By layer and family, the mean held-out r (`score`), the mean of its null (`null`), the
        share of features with q below .05 (`significant`) and of those with q below .05 in every
        test, nuisance variables and other orders of the words included (`upheld`); of hidden
        layers, the mean held-out r beyond nuisance variables (`partial`).
    """
    table = table[table["kind"].isin(["hidden", "attention"])]
    beyond = table[table["metric"] == "r_partial"].groupby(["layer", "family"])["score"].mean()
    partial = {place: rounded(float(score)) for place, score in beyond.items()}
    largest = upheld(table)["q"]
    table = table[table["metric"] == "r"]
    summary: dict[str, dict[str, dict[str, float]]] = {}
    for (layer, name), rows in table.groupby(["layer", "family"], sort=False):
        summary.setdefault(str(layer), {})[str(name)] = {
            "score": rounded(rows["score"].mean()),
            "null": rounded(rows["null_mean"].mean()),
            "significant": rounded((rows["q"] < SIGNIFICANT).mean()),
            "upheld": rounded((largest[rows.index] < SIGNIFICANT).mean()),
        }
        if (layer, name) in partial:
            summary[str(layer)][str(name)]["partial"] = partial[layer, name]
    return summary
