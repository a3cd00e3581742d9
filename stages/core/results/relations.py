"""The table of relations: one tidy row per quantity."""

from collections.abc import Iterable
from typing import Any

import pandas as pd

from stages.core.stats.multiple import adjust

COLUMNS = (
    "source",
    "benchmark",
    "modality",
    "metric",
    "n",
    "families",
    "statistic",
    "value",
    "low",
    "high",
    "loo_low",
    "loo_high",
    "p",
    "q",
    "q_family",
    "published",
    "verdict",
    "note",
)
TEXT = (
    "source",
    "benchmark",
    "modality",
    "metric",
    "statistic",
    "q_family",
    "verdict",
    "note",
)
NUMBERS = tuple(name for name in COLUMNS if name not in TEXT)
MATCHES, DIFFERS, UNDERIVABLE = "matches", "differs", "cannot be derived"


def relations_table(rows: Iterable[dict[str, Any]]) -> pd.DataFrame:
    """Make the table: absent texts are empty, absent numbers missing; q over what has p.

    q (Benjamini & Hochberg 1995) is over one family per source and statistic: all benchmarks and
    modalities.
    """
    table = pd.DataFrame(list(rows), columns=list(COLUMNS))
    for name in TEXT:
        table[name] = table[name].astype(object).where(table[name].notna(), "").astype(str)
    table[list(NUMBERS)] = table[list(NUMBERS)].astype(float)
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
