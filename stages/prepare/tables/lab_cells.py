"""Tables written by hand, read word for word: nothing in them is taken for missing."""

import csv
import math
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
from numpy.typing import NDArray
from pandas.api.types import is_numeric_dtype

from stages.core.run.errors import InputError, did_you_mean
from stages.core.run.files import require_file

# What pandas calls an index that has no name.
HIDDEN = "__index_level_"
OBTAIN = "Write the table anew; data/raw/table/README.md says how."
PARQUET = ".parquet"
SEPARATORS = {".csv": ",", ".tsv": "\t"}
QUOTE = 'In a .csv file a quotation mark stands as """"; in a .tsv file as it is.'


class _Commas(csv.excel):
    strict = True


class _Tabs(csv.excel_tab):
    quoting = csv.QUOTE_NONE
    strict = True


@dataclass(frozen=True)
class LabTable:
    """Cells of a table as they stand in its file.

    Attributes
    ----------
    path : Path
    cells : DataFrame
        Text, or what a .parquet file holds.
    """

    path: Path
    cells: pd.DataFrame

    def place(self, row: int, column: str | None = None) -> str:
        """Say where a cell is: by line of a text file, or by row from 1."""
        return cell_place(self.path, row, column)

    def texts(self, name: str) -> list[str]:
        """Read a column of texts, of which none may be empty.

        Raises
        ------
        InputError
            If a cell is empty, or holds a number with a point.
        """
        column = self.cells[name].tolist()
        for row, value in enumerate(column):
            if not isinstance(value, str | int) or not str(value).strip():
                got = repr(value) if str(value).strip() else "nothing"
                where = self.place(row, name)
                raise InputError("no text", where=where, expected="a text or whole number", got=got)
        return [str(value) for value in column]

    def numbers(self, name: str, *, gaps: bool = False) -> NDArray[np.float64]:
        """Read a column of finite numbers; NaN for empty cells, where `gaps` allows them.

        Raises
        ------
        InputError
            If a cell is no number.
        """
        column = self.cells[name]
        found = (
            column.to_numpy(np.float64)
            if is_numeric_dtype(column.dtype)
            else np.array([to_number(value) for value in column])
        )
        for row in np.flatnonzero(~np.isfinite(found)):
            if not (gaps and _empty(column.iloc[row])):
                raise not_a_number(self.place(int(row), name), column.iloc[row])
        return found


def read_lab_table(
    path: Path, required: Collection[str], optional: Collection[str] | None = ()
) -> LabTable:
    """Read a .csv, .tsv or .parquet file with the given columns.

    Parameters
    ----------
    path : Path
    required, optional : collection of str
        Columns that must and may be there; None allows any.

    Raises
    ------
    InputError
        If the file is empty or damaged, or a column is missing, named twice or unknown.
    """
    require_file(path, OBTAIN)
    cells = _read_parquet(path) if path.suffix == PARQUET else _read_text(path)
    check_header(list(cells.columns), path)
    for name in required:
        if name not in cells.columns:
            do = did_you_mean(name, cells.columns)
            raise InputError("column missing", where=path, expected=name, do=do)
    if optional is not None:
        _check_known(list(cells.columns), (*required, *optional), path)
    if cells.empty:
        raise InputError("table without rows", where=path, do=OBTAIN)
    return LabTable(path, cells)


def _check_known(names: list[str], known: Collection[str], path: Path) -> None:
    for name in names:
        if name not in known:
            do = did_you_mean(name, known)
            raise InputError("unknown column", where=path, got=repr(name), do=do)


def check_header(names: list[str], path: Path) -> None:
    """Raise `InputError` if a column has no name, one with blanks around it, or another's."""
    if "" in names:
        at, do = names.index("") + 1, "Save the table without row numbers, or name the column."
        raise InputError("column without a name", where=path, got=f"column {at}", do=do)
    padded = [name for name in names if name != name.strip()]
    if padded:
        do = "Write the name without it."
        raise InputError("blank around a column's name", where=path, got=repr(padded[0]), do=do)
    twice = [name for place, name in enumerate(names) if name in names[:place]]
    if twice:
        raise InputError("column named twice", where=path, got=repr(twice[0]))


def text_rows(path: Path) -> Iterator[list[str]]:
    """Yield the header and the rows of a .csv or .tsv file, all of the header's length.

    Raises
    ------
    InputError
        If the file is no UTF-8, a row has more or fewer fields, or a field goes over lines.
    """
    separator = SEPARATORS[path.suffix]
    dialect = _Commas if separator == "," else _Tabs
    width, number, blank = 0, 0, 0
    try:
        with path.open(encoding="utf-8-sig", newline="") as stream:
            reader = csv.reader(stream, dialect)
            for number, row in enumerate(reader, start=1):
                where = f"{path}, line {number}"
                if reader.line_num != number:
                    raise InputError("field over several lines", where=where, do=QUOTE)
                if not row:
                    blank = blank or number
                    continue
                width = width or _checked_width(row, path, separator)
                if blank or len(row) != width:
                    where, got = (f"{path}, line {blank}", 0) if blank else (where, len(row))
                    raise InputError(
                        "row of another length", where=where, expected=f"{width} fields", got=got
                    )
                yield row
    except (csv.Error, UnicodeDecodeError) as error:
        where = f"{path}, after line {number}"
        raise InputError("unreadable table", where=where, got=error, do=QUOTE) from error


def _checked_width(header: list[str], path: Path, separator: str) -> int:
    """Count the columns, unless the header shows that something else separates them."""
    for other, name in ((";", "semicolons"), ("\t", "tabs"), (",", "commas")):
        if len(header) == 1 and other in header[0] and other != separator:
            expected = "commas" if separator == "," else "tabs"
            do = "Save the table with them, and with points in numbers."
            raise InputError("separators", where=path, expected=expected, got=name, do=do)
    return len(header)


def _read_text(path: Path) -> pd.DataFrame:
    header, *rows = text_rows(path)
    return pd.DataFrame(rows, columns=header, dtype=object)


def _read_parquet(path: Path) -> pd.DataFrame:
    """Read all columns, which must be texts or numbers.

    Raises
    ------
    InputError
        If the file is damaged, holds times or lists, or row numbers that pandas has put there.
    """
    try:
        arrow = pq.read_table(path)
        for column in arrow.schema:
            _check_type(column, path)
        table: pd.DataFrame = arrow.to_pandas(ignore_metadata=True)
    except (pa.ArrowException, OSError, ValueError) as error:
        got = str(error).partition("\n")[0]
        raise InputError("unreadable parquet", where=path, got=got, do=OBTAIN) from error
    return table


def cell_place(path: Path, row: int, column: str | None = None) -> str:
    """Say where a cell is: by line of a text file, or by row from 1."""
    at = f"line {row + 2}" if path.suffix in SEPARATORS else f"row {row + 1}"
    return f"{path}, {at}" + ("" if column is None else f", {column}")


def not_a_number(where: str, value: Any) -> InputError:
    """Make the error of a cell that is no finite number."""
    got = "nothing" if _empty(value) else repr(value)
    return InputError("not a number", where=where, expected="a finite number", got=got)


def to_number(value: Any) -> float:
    """Read a cell as a number; NaN if it is none."""
    try:
        return math.nan if isinstance(value, str) and "_" in value else float(value)
    except (TypeError, ValueError):
        return math.nan


def _empty(value: Any) -> bool:
    return value is None or bool(pd.isna(value)) or (isinstance(value, str) and not value.strip())


def _check_type(column: pa.Field, path: Path) -> None:
    """Raise `InputError` unless a column of a parquet file is one of texts or numbers."""
    if column.name.startswith(HIDDEN):
        do = "Save the table without its index: to_parquet(path, index=False)."
        raise InputError("row numbers in a column", where=path, got=column.name, do=do)
    kind = column.type
    numeric = pa.types.is_integer(kind) or pa.types.is_floating(kind)
    if not (numeric or pa.types.is_string(kind) or pa.types.is_large_string(kind)):
        expected, do = "texts or numbers", "Seconds are numbers."
        where = f"{path}, {column.name}"
        raise InputError("column of another type", where=where, expected=expected, got=kind, do=do)
