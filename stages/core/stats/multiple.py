"""Correction for multiple comparisons over families that are named."""

from collections.abc import Iterator, Sequence

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


def adjust_together(
    tables: Sequence[pd.DataFrame], by: Sequence[str], over: str
) -> Iterator[pd.DataFrame]:
    """Fill q as `adjust` does, over tables of which the families are made together.

    Parameters
    ----------
    tables : sequence of DataFrame
        Results, all with p; texts may be categorical.
    by, over
        See `adjust`.

    Yields
    ------
    DataFrame
        A copy of each table with q and q_family.
    """
    keys = pd.concat([table[[*by, "p"]] for table in tables], ignore_index=True)
    found = adjust(keys.astype(dict.fromkeys(by, object)), by, over)
    start = 0
    for table in tables:
        here = found.iloc[start : start + len(table)]
        yield table.assign(**{name: here[name].array for name in ("q", "q_family")})
        start += len(table)


def family_name(over: str, by: Sequence[str], values: Sequence[object]) -> str:
    """Name the family of which the columns `by` have the values."""
    pairs = zip(by, values, strict=True)
    return f"{over}; " + ", ".join(f"{name}={value}" for name, value in pairs)
