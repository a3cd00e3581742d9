"""Reading small public tables of numbers: the columns that are asked for, or a refusal."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.io import loadmat

from stages.core.run.delimited import read_delimited
from stages.core.run.errors import InputError
from stages.core.run.files import require_file

OBTAIN = "Restore the file from where it was fetched."


def read_plain(
    path: Path, texts: Sequence[str], numbers: Sequence[str], separator: str = ","
) -> pd.DataFrame:
    """Read columns of text and of numbers.

    Raises
    ------
    InputError
        If the file is missing or unreadable, a column is missing, or a number is none.
    """
    try:
        table = read_delimited(path, OBTAIN, sep=separator, dtype=dict.fromkeys(texts, str))
        table = table[[*texts, *numbers]].astype(dict.fromkeys(numbers, float))
    except (KeyError, ValueError) as error:
        raise InputError("unreadable table", where=path, got=error, do=OBTAIN) from error
    if table.empty:
        raise InputError("table without rows", where=path, do=OBTAIN)
    return table


def read_variables(path: Path, names: Sequence[str]) -> dict[str, NDArray[Any]]:
    """Read variables of a MATLAB file.

    Raises
    ------
    InputError
        If the file is missing or unreadable, or a variable is missing.
    """
    require_file(path, OBTAIN)
    try:
        content = loadmat(path, variable_names=list(names))
        return {name: content[name] for name in names}
    except Exception as error:  # what scipy raises depends on where the damage is
        raise InputError("unreadable .mat file", where=path, got=repr(error), do=OBTAIN) from error


def read_matrices(path: Path, names: Sequence[str]) -> dict[str, NDArray[np.float64]]:
    """Read finite matrices of a MATLAB file.

    Raises
    ------
    InputError
        If the file is missing or unreadable, or a variable is missing or no finite matrix.
    """
    read = read_variables(path, names)
    try:
        found = {name: np.asarray(values, dtype=np.float64) for name, values in read.items()}
    except (TypeError, ValueError) as error:
        raise InputError("unreadable .mat file", where=path, got=repr(error), do=OBTAIN) from error
    for name, matrix in found.items():
        if matrix.ndim != 2 or not np.isfinite(matrix).all():
            raise InputError("not a finite matrix", where=f"{path}: {name}", got=matrix.shape)
    return found
