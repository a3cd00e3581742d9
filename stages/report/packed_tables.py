"""Tables as text that a page carries, and that its scripts read back value by value.

A column is a block of bytes: the levels of a text by number, numbers as IEEE 754 of 64 bits, or as
thousandths in 16 bits where a table is large, flags as 0 and 1. Of numbers of several bytes all
first bytes come first, then all second ones, which halves what deflate makes of them. Missing
numbers are NaN, and of thousandths `MISSING`.
"""

import base64
import zlib
from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from pandas.api.types import is_bool_dtype, is_numeric_dtype

from stages.core.run.errors import ConcordError

# Rows from which on numbers are rounded.
LARGE = 5_000
# Numbers up to this are rounded; a column with a larger one keeps all of its digits.
WIDEST = 2.0
# What stands for a missing number, and, with its sign, for one that is not 0 but would become it:
# q below .0005 is not 0.
MISSING, NEAR = -32_768, 32_767


def embedded(table: pd.DataFrame) -> dict[str, Any]:
    """Turn a table into what JSON can hold.

    Parameters
    ----------
    table : DataFrame
        Columns of strings (none missing), numbers or booleans.

    Returns
    -------
    dict
        rows, rounded (whether numbers were) and columns: by name, kind,
        width (bytes of a value), data (base64 of deflate) and, of text, levels.

    Raises
    ------
    ConcordError
        If a text is missing.
    """
    large = len(table) >= LARGE
    columns = {str(name): _column(str(name), table[name], large) for name in table.columns}
    return {"rows": len(table), "rounded": large, "columns": columns}


def embedded_all(tables: Mapping[str, pd.DataFrame]) -> dict[str, Any]:
    """Turn tables into what JSON can hold, by name."""
    return {name: embedded(table) for name, table in tables.items()}


def packed(values: NDArray[Any]) -> dict[str, Any]:
    """Pack an array, of any shape, in its own type: width and data."""
    width = values.dtype.itemsize
    little = np.ascontiguousarray(values.ravel(), values.dtype.newbyteorder("<"))
    planes = little.view(np.uint8).reshape(-1, width).T
    return {"width": width, "data": base64.b64encode(zlib.compress(planes.tobytes(), 9)).decode()}


def _column(name: str, column: "pd.Series[Any]", large: bool) -> dict[str, Any]:
    if is_bool_dtype(column):
        return {"kind": "flag"} | packed(column.to_numpy(np.uint8))
    if is_numeric_dtype(column):
        values = column.to_numpy(np.float64, na_value=np.nan)
        small = not (np.abs(values) > WIDEST).any()
        return {"kind": "number"} | packed(_thousandths(values) if large and small else values)
    if column.isna().any():
        raise ConcordError("text that is missing", where=f"column {name}", got=column.isna().sum())
    codes, levels = pd.factorize(column.astype(object))
    kind = np.min_scalar_type(max(len(levels) - 1, 0))
    return {"kind": "text", "levels": [str(one) for one in levels]} | packed(codes.astype(kind))


def _thousandths(values: NDArray[np.float64]) -> NDArray[np.int16]:
    """Round to three decimals; what is not 0 does not become 0, and what is missing stays so."""
    whole = np.rint(values * 1000)
    near = np.where((whole == 0) & (values != 0), np.copysign(NEAR, values), whole)
    return np.where(np.isnan(values), MISSING, near).astype(np.int16)
