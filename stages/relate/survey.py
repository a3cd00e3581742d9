"""The tables of the survey that relations are made from."""

from pathlib import Path

import pandas as pd

from stages.core.run.tables import read_table

BEST = ("model", "modality", "subject", "region", "metric", "score")
MODELS = ("model", "string", "modality", "trained", "parameters", "width", "error")


def read_survey(folder: Path) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Read the best layers and the models.

    Returns
    -------
    best, models : DataFrame

    Raises
    ------
    InputError
        If a table is missing or lacks a column.
    """
    do = "Run `dvc repro survey`."
    return (
        read_table(folder / "best.parquet", BEST, do),
        read_table(folder / "models.parquet", MODELS, do),
    )
