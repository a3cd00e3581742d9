"""Tables as BIDS has them: tab-separated, with the meaning of every column in a JSON beside."""

import math
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from pandas.api.types import is_bool_dtype, is_float_dtype, is_integer_dtype, is_numeric_dtype

from stages.core.run.errors import InputError
from stages.core.run.files import atomic
from stages.share.column_meanings import column_meaning

MISSING = "n/a"


def write_tsv(path: Path, table: pd.DataFrame) -> None:
    """Write a table; what is missing or empty is `n/a`, numbers keep all their digits.

    Raises
    ------
    InputError
        If a number is infinite, or a text breaks the row.
    """
    cells = pd.DataFrame({name: _cells(table[name], path) for name in table})
    with atomic(path) as partial:
        cells.to_csv(partial, sep="\t", index=False, lineterminator="\n")


def read_tsv(path: Path) -> pd.DataFrame:
    """Read a table that `write_tsv` wrote: what is missing is NaN, and nothing else is."""
    return pd.read_csv(path, sep="\t", na_values=[MISSING], keep_default_na=False)


def _cells(column: "pd.Series[Any]", path: Path) -> list[str]:
    where = f"{path.name}, column {column.name}"
    if is_float_dtype(column):
        return [_number(value, where) for value in column.to_numpy(float, na_value=np.nan)]
    if is_numeric_dtype(column):  # integers and flags
        return [MISSING if pd.isna(value) else str(value).lower() for value in column]
    texts = column.astype(object).where(column.notna(), "")
    cells = {text: _text(text, where) for text in texts.unique()}
    return [cells[text] for text in texts]


def _number(value: float, where: str) -> str:
    if math.isinf(value):
        raise InputError("infinite number", where=where)
    if math.isnan(value):
        return MISSING
    return str(int(value)) if value.is_integer() and abs(value) < 2**53 else repr(float(value))


def _text(value: object, where: str) -> str:
    text = str(value) or MISSING
    if any(sign in text for sign in "\t\r\n\0"):
        raise InputError("text that breaks the row", where=where, got=repr(text)[:80])
    return text


def meanings(table: pd.DataFrame, kind: str) -> dict[str, dict[str, str]]:
    """Say what every column means, for the JSON beside a table.

    Parameters
    ----------
    table : DataFrame
    kind : str
        Of table, as in `column_meanings`.
    """
    return {
        str(name): {"Description": column_meaning(kind, str(name)), "Format": _format(table[name])}
        for name in table
    }


def _format(column: "pd.Series[Any]") -> str:
    """Kind of values, in the words of BIDS."""
    if is_bool_dtype(column):
        return "boolean"
    if is_integer_dtype(column):
        return "integer"
    return "number" if is_numeric_dtype(column) else "string"


def filled(table: pd.DataFrame) -> pd.DataFrame:
    """Keep the columns in which any row says anything, and number the rows anew."""
    empty = [name for name in table if table[name].isna().all() or (table[name] == "").all()]
    return table.drop(columns=empty).reset_index(drop=True)
