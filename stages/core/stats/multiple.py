"""Correction for multiple comparisons over families that are named."""

from collections.abc import Sequence

import pandas as pd
from scipy.stats import false_discovery_control


def adjust(table: pd.DataFrame, by: Sequence[str], over: str) -> pd.DataFrame:
    """Fill q (Benjamini & Hochberg 1995) and the name of its family.

    Parameters
    ----------
    table : DataFrame
        Results with p; rows without p keep no q.
    by : sequence of str
        Columns whose values tell the families apart.
    over : str
        What a family ranges over, for its name.

    Returns
    -------
    DataFrame
        A copy with q and q_family.
    """
    table = table.copy()
    tested = table[table["p"].notna()]
    for values, rows in tested.groupby(list(by), sort=False):
        table.loc[rows.index, "q"] = false_discovery_control(rows["p"])
        table.loc[rows.index, "q_family"] = family_name(over, by, values)
    return table


def family_name(over: str, by: Sequence[str], values: Sequence[object]) -> str:
    """Name the family of which the columns `by` have the values."""
    pairs = zip(by, values, strict=True)
    return f"{over}; " + ", ".join(f"{name}={value}" for name, value in pairs)
