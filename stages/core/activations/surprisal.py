"""How unexpected each stimulus was to a model: beside its layers, where it predicts words."""

import math
from pathlib import Path

import pandas as pd

from stages.core.names.datasets import rerun
from stages.core.run.errors import InputError
from stages.core.run.files import lies_there
from stages.core.run.tables import check_same_ids, read_table, write_table

NAME = "surprisal.parquet"
COLUMNS = ("id", "nats", "bytes")
LN2 = math.log(2)


def write_surprisal(folder: Path, table: pd.DataFrame | None) -> None:
    """Write the surprisal of every stimulus beside a model's layers, or remove what was there.

    Parameters
    ----------
    folder : Path
        The model's own.
    table : DataFrame or None
        Columns id, nats (missing of what nothing comes before) and bytes (of the text, UTF-8);
        None of a model that predicts no words.
    """
    if table is None:
        (folder / NAME).unlink(missing_ok=True)
    else:
        write_table(folder / NAME, table[list(COLUMNS)])


def read_surprisal(folder: Path, ids: list[str]) -> pd.DataFrame | None:
    """Read the surprisal of every stimulus; None where the model predicts no words.

    Raises
    ------
    InputError
        If the stimuli are others, or a value is negative or infinite.
    """
    path = folder / NAME
    if not lies_there(path):
        return None
    do = rerun("extract", folder)
    table = read_table(path, COLUMNS, do)
    check_same_ids(ids, list(table["id"]), "stimuli", path, do)
    wrong = ~(table["nats"].isna() | table["nats"].between(0, 1e6))
    if wrong.any():
        raise InputError("wrong surprisal", where=path, got=table.loc[wrong, "nats"].iloc[0], do=do)
    return table


def bits_per_byte(table: pd.DataFrame) -> float:
    """Mean surprisal in bits per byte of the texts that were predicted.

    Models of different tokenizers can be compared by it. Missing where nothing was predicted.
    """
    told = table.dropna(subset="nats")
    size = float(told["bytes"].sum())
    return float(told["nats"].sum()) / size / LN2 if size else float("nan")
