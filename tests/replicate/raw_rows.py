"""Rows of the published tables of correlations, before they are rows of the replications."""

import pandas as pd

TEXTS = ("benchmark", "modality", "metric", "statistic", "verdict", "needs", "note")
NUMBERS = ("n", "value", "low", "high", "published")


def raw_table(rows):
    """Make a table of rows: absent texts are empty, absent numbers missing."""
    table = pd.DataFrame(list(rows), columns=[*TEXTS, *NUMBERS])
    for name in TEXTS:
        table[name] = table[name].astype(object).where(table[name].notna(), "").astype(str)
    return table.astype(dict.fromkeys(NUMBERS, float))
