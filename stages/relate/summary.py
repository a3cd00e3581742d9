"""What the metrics file says of the relations."""

from typing import Any

import pandas as pd

from stages.core.results.results import rounded

HEADLINE = ("pearson", "spearman", "partial_pearson", "partial_spearman")


def summarise(table: pd.DataFrame, source: str, models: int) -> dict[str, Any]:
    """Reduce the table to its headlines.

    Parameters
    ----------
    table : DataFrame
        From `relations_table`.
    source : str
    models : int
        Trained models of the zoo; 0 with published tables.

    Returns
    -------
    dict
        The source, the number of models and of rows, the count of each verdict, and per modality,
        benchmark and statistic the value with its interval and q, where there are any.
    """
    summary: dict[str, Any] = {"source": source, "models": models, "rows": len(table)}
    counts = table.loc[table["verdict"].ne(""), "verdict"].value_counts().sort_index()
    summary |= {str(name).replace(" ", "_"): int(count) for name, count in counts.items()}
    shown = table[table["statistic"].isin(HEADLINE) & table["p"].notna()]
    for _, row in shown.iterrows():
        place = summary.setdefault(row["modality"], {}).setdefault(row["benchmark"], {})
        place[row["statistic"]] = {
            name: rounded(row[name]) for name in ("value", "low", "high", "q")
        }
    return summary
