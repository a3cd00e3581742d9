"""From rows to the table of relations, with q."""

from collections.abc import Iterable
from typing import Any

import pandas as pd

from stages.core.results.relations import RELATION_COLUMNS
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
