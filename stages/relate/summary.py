"""What the metrics file says of the relations."""

from typing import Any

import pandas as pd

from stages.core.results.results import rounded

HEADLINE = ("pearson", "spearman", "partial_pearson", "partial_spearman")


def summarise(table: pd.DataFrame, models: int) -> dict[str, Any]:
    """Reduce the table to its headlines.

    Parameters
    ----------
    table : DataFrame
        From `relations_table`.
    models : int
        Trained models of the zoo.

    Returns
    -------
    dict
        The number of models and of rows, and per modality, benchmark and statistic the value with
        its interval and q, where there are any.
    """
    summary: dict[str, Any] = {"models": models, "rows": len(table)}
    shown = table[table["statistic"].isin(HEADLINE) & table["p"].notna()]
    for _, row in shown.iterrows():
        place = summary.setdefault(row["modality"], {}).setdefault(row["benchmark"], {})
        place[row["statistic"]] = {
            name: rounded(row[name]) for name in ("value", "low", "high", "q")
        }
    return summary
