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
    for values, rows in table[table["p"].notna()].groupby(list(by), sort=False).groups.items():
        table.loc[rows, "q"] = false_discovery_control(table.loc[rows, "p"])
        names = values if isinstance(values, tuple) else (values,)
        family = ", ".join(f"{name}={value}" for name, value in zip(by, names, strict=True))
        table.loc[rows, "q_family"] = f"{over}; {family}"
    return table
