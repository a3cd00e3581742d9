"""Intervals of the scores of chosen layers: over other stimuli, and over other people too."""

import pandas as pd

from stages.core.results.pairs import INTERVALS
from stages.core.results.typed_tables import empty_table
from stages.survey.model_pairs import compared
from stages.survey.piece_shares import Shares


def interval_table(shares: Shares) -> pd.DataFrame:
    """Find the intervals of every model's scores.

    Parameters
    ----------
    shares : dict of DataFrame
        Made by `stages.survey.piece_shares.piece_shares`.

    Returns
    -------
    DataFrame
        The columns `INTERVALS` of `stages.core.results.pairs`.
    """
    tables = [
        table.assign(model=model, modality=modality, metric=metric)
        for (model, modality), rows in shares.items()
        for metric, table in compared(rows, 0 * rows)
    ]
    if not tables:
        return empty_table(INTERVALS)
    return pd.concat(tables, ignore_index=True)[list(INTERVALS)]
