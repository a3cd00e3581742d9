"""From rows to the table of relations, with q, and what becomes of a printed number."""

from collections.abc import Iterable
from typing import Any

import pandas as pd

from stages.core.results.relations import DIFFERS, MATCHES, RELATION_COLUMNS
from stages.core.stats.multiple import adjust


def relations_table(rows: Iterable[dict[str, Any]]) -> pd.DataFrame:
    """Make the table: absent texts are empty, absent numbers missing; q over what has p.

    q (Benjamini & Hochberg 1995) is over one family per source and statistic: all benchmarks and
    modalities.
    """
    table = pd.DataFrame(list(rows), columns=list(RELATION_COLUMNS))
    for name, kind in RELATION_COLUMNS.items():
        if kind == "text":
            table[name] = table[name].astype(object).where(table[name].notna(), "").astype(str)
        else:
            table[name] = table[name].astype(float)
    return adjust(table, ("source", "statistic"), "benchmarks × modalities")


def verdict(low: float, high: float, published: float, half: float) -> str:
    """Whether what we find agrees with a printed number.

    Parameters
    ----------
    low, high : float
        The least and greatest value that we can find: inputs were rounded before they were
        printed.
    published, half : float
        The printed number, and half a unit of its last digit.
    """
    slack = 1e-9 * abs(published)
    overlap = low <= published + half + slack and published - half - slack <= high
    return MATCHES if overlap else DIFFERS
