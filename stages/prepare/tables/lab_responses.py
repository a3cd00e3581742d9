"""Responses that a laboratory wrote down: samples × targets, every value finite."""

import struct
import zipfile
import zlib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from tokenize import TokenError
from typing import Any

import numpy as np
from numpy.typing import NDArray

from stages.core.run.errors import InputError, did_you_mean
from stages.core.run.files import require_file
from stages.prepare.tables.lab_cells import (
    OBTAIN,
    SEPARATORS,
    cell_place,
    check_header,
    not_a_number,
    read_lab_table,
    text_rows,
    to_number,
)

ID = "id"
# What tables have beside responses: none of it is a target.
NO_TARGETS = ("run", "session", "trial", "onset", "duration", "repeat", "subject", "index")
ARRAYS = ("responses", ID, "targets")
# What NumPy, zipfile and zlib raise of bytes that are no arrays, whole or in part.
UNREADABLE = (
    *(ValueError, OSError, EOFError, AttributeError, TypeError, LookupError, RuntimeError),
    *(OverflowError, SyntaxError, TokenError, struct.error),
    *(zlib.error, zipfile.BadZipFile),
)


@dataclass(frozen=True)
class Measured:
    """Responses of one subject as their file has them.

    Attributes
    ----------
    path : Path
    series : ndarray, shape (n_rows, n_targets)
    names : list of str or None
        Of the targets; None for an array without names.
    ids : list of str or None
        Of what each row answers to; None where the file does not say.
    """

    path: Path
    series: NDArray[np.float64]
    names: list[str] | None
    ids: list[str] | None


def read_measured(path: Path) -> Measured:
    """Read a .csv, .tsv, .parquet or .npz file of responses.

    A table has a column per target and, if each row answers to a stimulus, `id`. A .npz file has an
    array `responses` and may have `id` and `targets`, texts or whole numbers.

    Raises
    ------
    InputError
        If the file is empty or damaged, or a value is no finite number.
    """
    require_file(path, OBTAIN)
    if path.suffix == ".npz":
        return _read_arrays(path)
    return _read_rows(path) if path.suffix in SEPARATORS else _read_columns(path)


def _read_rows(path: Path) -> Measured:
    """Read a text file row by row, so that its cells are never all in memory as texts."""
    rows = text_rows(path)
    header = next(rows, [])
    check_header(header, path)
    names, at = _target_names(header, path), header.index(ID) if ID in header else None
    ids: list[str] = []
    series: list[NDArray[np.float64]] = []
    for number, row in enumerate(rows):
        if at is not None:
            ids.append(_filled(row.pop(at), cell_place(path, number, ID)))
        series.append(_row_of_numbers(row, names, path, number))
    if not series:
        raise InputError("table without rows", where=path, do=OBTAIN)
    return Measured(path, np.array(series), names, None if at is None else ids)


def _row_of_numbers(
    row: list[str], names: Sequence[str], path: Path, number: int
) -> NDArray[np.float64]:
    found = np.array([to_number(cell) for cell in row])
    for column in np.flatnonzero(~np.isfinite(found))[:1]:
        raise not_a_number(cell_place(path, number, names[column]), row[column])
    return found


def _filled(text: str, where: str) -> str:
    if not text.strip():
        raise InputError("no text", where=where, expected="the id of a stimulus", got="nothing")
    return text


def _read_columns(path: Path) -> Measured:
    table = read_lab_table(path, (), None)
    names = _target_names(list(table.cells.columns), path)
    values = np.column_stack([table.numbers(name) for name in names])
    return Measured(path, values, names, table.texts(ID) if ID in table.cells else None)


def _target_names(header: Sequence[str], path: Path) -> list[str]:
    """Names of the columns that are targets, unless one is obviously none."""
    names = [name for name in header if name != ID]
    for name in names:
        if name.lower() in (*NO_TARGETS, ID):
            do = f"Leave the column out; what a row answers to is in the column `{ID}`."
            raise InputError("column that is no target", where=path, got=repr(name), do=do)
    if not names:
        raise InputError("no target", where=path, expected="a column of numbers for each")
    return names


def _read_arrays(path: Path) -> Measured:
    arrays = _load_arrays(path)
    for name in arrays:
        if name not in ARRAYS:
            raise InputError(
                "unknown array", where=path, got=repr(name), do=did_you_mean(name, ARRAYS)
            )
    if "responses" not in arrays:
        raise InputError("array missing", where=path, expected="responses", got=list(arrays))
    values = arrays["responses"]
    if values.ndim != 2 or values.dtype.kind not in "fiu" or 0 in values.shape:
        got = f"{values.dtype}, {' × '.join(map(str, values.shape)) or 'one number'}"
        raise InputError("not responses", where=path, expected="numbers, rows × targets", got=got)
    names, ids = (_texts(arrays.get(name), f"{path}: {name}") for name in ("targets", ID))
    for what, found, length in (("targets", names, values.shape[1]), (ID, ids, len(values))):
        if found is not None and len(found) != length:
            raise InputError(
                "unequal lengths", where=f"{path}: {what}", expected=length, got=len(found)
            )
    if names is not None:
        check_header(names, path)
        _target_names(names, path)
    _check_finite(values, names, path)
    return Measured(path, values.astype(np.float64), names, ids)


def _load_arrays(path: Path) -> dict[str, NDArray[Any]]:
    """Read the arrays of a file; those that hold Python objects are not opened."""
    try:
        with np.load(path, allow_pickle=False) as file:
            return {name: file[name] for name in file.files}
    except UNREADABLE as error:
        do = "Save it by numpy.savez, with texts as texts and not as objects."
        raise InputError("unreadable .npz file", where=path, got=error, do=do) from error


def _texts(array: NDArray[Any] | None, where: str) -> list[str] | None:
    if array is None:
        return None
    if array.ndim != 1 or array.dtype.kind not in "Uiu":
        got = f"{array.dtype}, {array.ndim} dimensions"
        raise InputError("not names", where=where, expected="a row of texts", got=got)
    return [_filled(str(value), f"{where}, {place + 1}") for place, value in enumerate(array)]


def _check_finite(values: NDArray[Any], names: Sequence[str] | None, path: Path) -> None:
    for number, row in enumerate(values):
        for column in np.flatnonzero(~np.isfinite(row))[:1]:
            target = f"target {column + 1}" if names is None else names[column]
            raise not_a_number(cell_place(path, number, target), float(row[column]))
