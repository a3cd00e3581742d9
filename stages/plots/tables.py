"""The part of the results that a picture shows."""

import numpy as np
import pandas as pd

from stages.core.results import shown_subject

BAND = 1.96  # standard deviations on either side of the mean that hold 95 % of a normal null
SIGNIFICANT = 0.05


def encoding_table(results: pd.DataFrame) -> pd.DataFrame:
    """Select held-out r by region and layer, with chance and ceiling.

    Parameters
    ----------
    results : DataFrame
        Results of encode; those of `shown_subject` are taken.

    Returns
    -------
    DataFrame
        One row per region (alphabetical) and layer or control (in the order of the model): region,
        layer, kind, depth (number of the layer; missing for controls), score, null_low and
        null_high (95 % of the null, taken as normal), ceiling, and significant (1 where q is
        below .05). Voxels are averaged over their region; significant is then their share.
    """
    shown = results[
        (results["subject"] == shown_subject(results))
        & (results["metric"] == "r")
        & results["kind"].isin(["hidden", "attention", "control"])
    ]
    return _average(shown, "region").sort_values("region", kind="stable", ignore_index=True)


def probing_table(results: pd.DataFrame) -> pd.DataFrame:
    """Average held-out r by feature family and layer, with chance.

    Parameters
    ----------
    results : DataFrame
        Results of probe.

    Returns
    -------
    DataFrame
        As `encoding_table`, with family (in the order of the results) in place of region;
        significant is the share of a family's features.
    """
    shown = results[(results["metric"] == "r") & results["kind"].isin(["hidden", "attention"])]
    return _average(shown, "family")


def _average(shown: pd.DataFrame, by: str) -> pd.DataFrame:
    table = (
        shown.assign(significant=shown["q"] < SIGNIFICANT)
        .groupby([by, "layer", "kind"], sort=False)[
            ["score", "null_mean", "null_sd", "ceiling", "significant"]
        ]
        .mean()
        .reset_index()
    )
    table["null_low"] = table["null_mean"] - BAND * table["null_sd"]
    table["null_high"] = table["null_mean"] + BAND * table["null_sd"]
    table["depth"] = [_depth(layer) for layer in table["layer"]]
    numbers = ["score", "null_low", "null_high", "ceiling", "significant"]
    table[numbers] = table[numbers].round(4)
    return table[[by, "layer", "kind", "depth", *numbers]]


def _depth(layer: str) -> float:
    number = layer.rsplit("_", 1)[-1]
    return float(number) if number.isdigit() else np.nan


def grid(table: pd.DataFrame, by: str, value: str) -> pd.DataFrame:
    """Arrange a value by row (`by`) and layer, both in the order of the table."""
    rows, layers = table[by].unique(), table["layer"].unique()
    return table.pivot_table(index=by, columns="layer", values=value).loc[rows, layers]
