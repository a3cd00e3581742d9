"""Averages over what a picture does not tell apart, with the band of their null."""

import numpy as np
import pandas as pd

from stages.core.names.layers import layer_number
from stages.core.names.vocabulary import SIGNIFICANT

BAND = 1.96  # standard deviations on either side of the mean that hold 95 % of a normal null


def average(shown: pd.DataFrame, *by: str) -> pd.DataFrame:
    """Average over what is neither in `by` nor a layer, with chance.

    The sd of a mean of nulls is at most the mean of their sds. It reaches that where they are
    fully shared, and is not known here; regions, layers and features do share the orders or
    shifts that were drawn, so the bound is taken.

    Parameters
    ----------
    shown : DataFrame
        Rows of results.
    *by : str
        Columns.

    Returns
    -------
    DataFrame
        Columns `by`, layer, kind, layer_number (missing where it has none), score, null_low,
        null_high (95 % of the null, taken as normal), ceiling, and significant (share of q below
        .05), in the order of the rows.
    """
    table = (
        shown.assign(significant=shown["q"] < SIGNIFICANT)
        .groupby([*by, "layer", "kind"], sort=False)[
            ["score", "null_mean", "null_sd", "ceiling", "significant"]
        ]
        .mean()
        .reset_index()
    )
    table["null_low"] = table["null_mean"] - BAND * table["null_sd"]
    table["null_high"] = table["null_mean"] + BAND * table["null_sd"]
    table["layer_number"] = [_number(layer) for layer in table["layer"]]
    numbers = ["score", "null_low", "null_high", "ceiling", "significant"]
    table[numbers] = table[numbers].round(4)
    return table[[*by, "layer", "kind", "layer_number", *numbers]]


def _number(layer: str) -> float:
    number = layer_number(layer)
    return np.nan if number is None else float(number)


def grid(table: pd.DataFrame, by: str, value: str, across: str = "layer") -> pd.DataFrame:
    """Arrange a value by row (`by`) and column (`across`), both in the order of the table."""
    rows, columns = table[by].unique(), table[across].unique()
    return table.pivot_table(index=by, columns=across, values=value).loc[rows, columns]
