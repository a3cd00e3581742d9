"""The part of the results that a picture shows."""

import numpy as np
import pandas as pd

GROUP = "group"
BAND = 1.96


def encoding_table(results: pd.DataFrame) -> pd.DataFrame:
    """Select held-out r by region and layer, with chance and ceiling.

    Parameters
    ----------
    results : DataFrame
        Results of encode.

    Returns
    -------
    DataFrame
        One row per region, in alphabetical order, and layer or control, of the subject average
        (or of the only subject):
        region, layer, kind, score, null_low and null_high (95 % of the null), q, ceiling; voxels
        are averaged over their region.
    """
    subjects = list(results["subject"].unique())
    shown = results[
        (results["subject"] == (GROUP if GROUP in subjects else subjects[0]))
        & (results["metric"] == "r")
        & results["kind"].isin(["hidden", "attention", "control"])
    ]
    return _summary(shown, "region").sort_values("region", kind="stable", ignore_index=True)


def probing_table(results: pd.DataFrame) -> pd.DataFrame:
    """Average held-out r by feature family and layer, with chance.

    Returns
    -------
    DataFrame
        family, layer, kind, score, null_low, null_high, q (share of features with q below .05 as
        `significant`).
    """
    shown = results[(results["metric"] == "r") & results["kind"].isin(["hidden", "attention"])]
    return _summary(shown, "family")


def _summary(shown: pd.DataFrame, by: str) -> pd.DataFrame:
    table = (
        shown.assign(significant=shown["q"] < 0.05)
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
    """Arrange a value by row and layer, both in the order of the table."""
    arranged = table.pivot_table(index=by, columns="layer", values=value, sort=False, dropna=False)
    return arranged.loc[:, list(dict.fromkeys(table["layer"]))]
