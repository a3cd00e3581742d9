"""Tables of declared columns, each of one kind: text, numbers or flags."""

from collections.abc import Collection, Mapping
from pathlib import Path
from typing import Literal

import pandas as pd
from pandas.api.types import infer_dtype, is_bool_dtype, is_numeric_dtype

from stages.core.run.errors import InputError
from stages.core.run.tables import read_table

Kind = Literal["text", "number", "flag"]
Columns = Mapping[str, Kind]

_DTYPES: dict[Kind, type] = {"text": str, "number": float, "flag": bool}
_EXPECTED: dict[Kind, str] = {
    "text": "strings, none of them missing",
    "number": "numbers",
    "flag": "booleans, none of them missing",
}


def text(*names: str) -> dict[str, Kind]:
    """Declare columns of strings, none of them missing; absent ones are empty."""
    return dict.fromkeys(names, "text")


def number(*names: str) -> dict[str, Kind]:
    """Declare columns of numbers, which may be missing."""
    return dict.fromkeys(names, "number")


def flag(*names: str) -> dict[str, Kind]:
    """Declare columns of booleans, none of them missing."""
    return dict.fromkeys(names, "flag")


def empty_table(columns: Columns) -> pd.DataFrame:
    """Make a table without rows."""
    return pd.DataFrame({name: pd.Series(dtype=_DTYPES[kind]) for name, kind in columns.items()})


def read_typed(
    path: Path, columns: Columns, do: str, kept: Mapping[str, Collection[str]] | None = None
) -> pd.DataFrame:
    """Read a parquet table that must have the given columns, of their kinds.

    Parameters
    ----------
    path : Path
    columns : mapping of str to {"text", "number", "flag"}
    do : str
        What the user can do about a table that is not so.
    kept : mapping of str to collection of str, optional
        By column, the values of the rows that are read; a column that is not there keeps all.

    Raises
    ------
    InputError
        If the file is missing or unreadable, or a column is absent or of another kind.
    """
    table = read_table(path, list(columns), do, kept)
    for name, kind in columns.items():
        column = table[name]
        if not _is_of_kind(column, kind):
            raise InputError(
                "wrong kind of values",
                where=f"{path}, column {name}",
                expected=_EXPECTED[kind],
                got=f"{column.dtype}, {column.isna().sum()} missing",
                do=do,
            )
    return table


def _is_of_kind(column: "pd.Series[str]", kind: Kind) -> bool:
    if kind == "number":
        return is_numeric_dtype(column) and not is_bool_dtype(column)
    if column.isna().any():
        return False
    return is_bool_dtype(column) if kind == "flag" else infer_dtype(column) in ("string", "empty")
