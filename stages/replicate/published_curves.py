"""Reading the published curves of Shen et al. (2025): LAMBADA, and digitised alignment."""

from collections.abc import Mapping
from pathlib import Path

import numpy as np
import pandas as pd

from stages.core.results.training_scores import ACCURACY, LOSS, read_zero_shot
from stages.core.run.delimited import read_delimited
from stages.core.run.errors import InputError


def read_lambada(files: Mapping[str, Path]) -> pd.DataFrame:
    """Read size, step, `lambada_accuracy` and `lambada_loss`; see `read_zero_shot`."""
    return read_zero_shot(files)[["size", "step", ACCURACY, LOSS]]


def read_digitised(path: Path) -> pd.DataFrame:
    """Read curves of alignment that were read from a figure: size, step, alignment (tab-separated).

    Raises
    ------
    InputError
        If the file is missing, unreadable or lacks a column, or a value is not a finite number, or
        a size has a step twice.
    """
    do = "Give a table with the columns size, step and alignment, separated by tabs."
    try:
        table = read_delimited(path, do, sep="\t", dtype={"size": str})
        table = table[["size", "step", "alignment"]].astype({"step": "Int64", "alignment": float})
        table = table.astype({"step": int})
    except (KeyError, TypeError, ValueError) as error:
        raise InputError("unreadable curves", where=path, got=error, do=do) from error
    if not np.isfinite(table["alignment"]).all() or (table["step"] < 0).any():
        raise InputError("value that is not a number", where=path, do=do)
    repeated = table.duplicated(["size", "step"])
    if repeated.any():
        got = "size {size}, step {step}".format_map(table[repeated].iloc[0])
        raise InputError("step that occurs twice", where=path, got=got, do=do)
    return table.sort_values(["size", "step"], ignore_index=True)
