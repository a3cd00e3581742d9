"""Tables of a BIDS dataset, read to the letter.

A tab separates fields and nothing is quoted, `n/a` alone is missing: a word may be `null`, `NA` or
a single quotation mark, which readers with other habits take for nothing or for half a table.
"""

import csv
import json
from collections.abc import Mapping, Sequence
from io import StringIO
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from stages.core.run.errors import InputError, did_you_mean
from stages.core.run.files import require_file, unique_keys
from stages.prepare.encodings import decoded
from stages.prepare.optional_names import check_spelling, has_name

MISSING = "n/a"
# Keys that say when volumes were measured, and may be absent.
TIMING = ("RepetitionTime", "StartTime", "DelayTime", "SliceTimingCorrected", "VolumeTiming")
ANNEX = "It is git-annex's stand-in for the file: run `datalad get` there."


def read_text(path: Path) -> str:
    """Read a text file of UTF-8, or UTF-16 with its mark, with any line ends.

    Raises
    ------
    InputError
        If it is missing, empty or of another encoding.
    """
    if path.is_symlink() and not path.exists():
        raise InputError("broken link", where=path, do=ANNEX)
    content = require_file(path, "Restore it.").read_bytes()
    try:
        text = decoded(content)
    except UnicodeError as error:
        raise InputError("not text of UTF-8", where=path, got=error) from error
    return text.replace("\r\n", "\n").replace("\r", "\n")


def read_bids_table(path: Path) -> pd.DataFrame:
    """Read a .tsv file, every field as the text that it is; the index counts its lines.

    Raises
    ------
    InputError
        If a row has another number of fields than the first line, or a column has no name of its
        own.
    """
    lines = read_text(path).split("\n")
    return _table([line.split("\t") for line in lines], lines, path)


def read_comma_table(path: Path) -> pd.DataFrame:
    """Read a .csv file, every field as the text that it is, quoted where it needs to be.

    Raises
    ------
    InputError
        As of `read_bids_table`.
    """
    text = read_text(path)
    return _table(list(csv.reader(StringIO(text))), None, path)


def _table(rows: list[list[str]], lines: Sequence[str] | None, path: Path) -> pd.DataFrame:
    columns = rows[0]
    numbered = [
        (number, row)
        for number, row in enumerate(rows[1:], start=2)
        if (lines[number - 1] if lines else row)
    ]
    for number, row in numbered:
        if len(row) != len(columns):
            raise InputError(
                "broken row",
                where=f"{path}, line {number}",
                expected=f"{len(columns)} fields, {', '.join(columns)}",
                got=len(row),
            )
    twice = [name for name in columns if columns.count(name) > 1]
    if twice:
        raise InputError("two columns of one name", where=path, got=repr(twice[0]))
    index = [number for number, _ in numbered]
    return pd.DataFrame([row for _, row in numbered], columns=columns, index=index, dtype=str)


def need_column(table: pd.DataFrame, name: str, path: Path, do: str) -> "pd.Series[str]":
    """Take a column, or raise `InputError` naming those that are there."""
    if name not in table.columns:
        raise InputError(
            "column missing",
            where=path,
            expected=repr(name),
            got=", ".join(map(repr, table.columns[:12])),
            do=f"{do} {did_you_mean(name, table.columns)}".strip(),
        )
    column: pd.Series[str] = table[name]
    return column


def numbers(column: "pd.Series[str]", path: Path) -> NDArray[np.float64]:
    """Turn a column into numbers, NaN where it says `n/a` or nothing.

    Raises
    ------
    InputError
        If a field is no finite number; the line is named.
    """
    text = column.str.strip()
    values = pd.to_numeric(text.where(~text.isin((MISSING, ""))), errors="coerce").to_numpy(float)
    wrong = ~np.isfinite(values) & ~text.isin((MISSING, "")).to_numpy()
    if wrong.any():
        at = int(wrong.argmax())
        where = f"{path}, line {column.index[at]}, {column.name}"
        raise InputError("not a number", where=where, got=repr(column.iloc[at]))
    return values


def numbers_if_there(table: pd.DataFrame, name: str, path: Path) -> NDArray[np.float64]:
    """Turn a column into numbers as `numbers` does; NaN everywhere if there is no such column."""
    return (
        numbers(table[name], path)
        if has_name(table.columns, name, path)
        else np.full(len(table), np.nan)
    )


def rows_chosen(
    table: pd.DataFrame, rows: Mapping[str, Sequence[str]], path: Path
) -> "pd.Series[bool]":
    """Which rows have, in every column named by bids.rows, one of its values."""
    chosen = pd.Series(True, index=table.index)
    for name, values in rows.items():
        chosen &= need_column(table, name, path, "Set bids.rows.").isin(list(values))
    return chosen


def read_sidecar(path: Path) -> dict[str, Any]:
    """Read a .json file that describes another.

    Raises
    ------
    InputError
        If it is no JSON object, a key has two values, or one of `TIMING` is misspelt.
    """
    try:
        content = json.loads(read_text(path), object_pairs_hook=unique_keys)
    except (ValueError, RecursionError) as error:
        raise InputError("unreadable JSON", where=path, got=error) from error
    if not isinstance(content, dict):
        raise InputError("wrong JSON", where=path, expected="an object")
    for name in TIMING:
        check_spelling(content, name, path)
    return content
