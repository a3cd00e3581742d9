"""Tables joined by id: read, written and compared so that a mismatch is never silent."""

import hashlib
from collections.abc import Collection, Mapping, Sequence
from pathlib import Path

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from stages.core.run.errors import InputError
from stages.core.run.files import atomic
from stages.core.run.sealed_parquet import UNREADABLE, read_origin, sealed_writer


def write_table(
    path: Path, table: pd.DataFrame, made_from: Mapping[str, str] | None = None
) -> None:
    """Write a table as parquet, atomically, with its digest and what it was made from."""
    rows = pa.Table.from_pandas(table, preserve_index=False)
    with atomic(path) as partial, sealed_writer(partial, rows.schema, made_from or {}) as writer:
        writer.write_table(rows)


def read_table(
    path: Path, columns: Sequence[str], do: str, kept: Mapping[str, Collection[str]] | None = None
) -> pd.DataFrame:
    """Read a parquet table that must have the given columns.

    Parameters
    ----------
    path : Path
    columns : sequence of str
    do : str
        What the user can do about a table that is not so.
    kept : mapping of str to collection of str, optional
        By column, the values of the rows that are read; a column that is not there keeps all.

    Raises
    ------
    InputError
        If the file is missing or unreadable or was edited, or a column is absent.
    """
    read_origin(path, do)
    try:
        there = pq.read_schema(path).names if kept else []
        rows = [(name, "in", list(kept[name])) for name in there if name in kept] if kept else []
        table = pd.read_parquet(path, filters=rows or None)
    except UNREADABLE as error:
        got = str(error).partition("\n")[0]
        raise InputError("unreadable parquet", where=path, got=got, do=do) from error
    absent = [name for name in columns if name not in table.columns]
    if absent:
        raise InputError(
            "column missing", where=path, expected=absent, got=list(table.columns)[:10], do=do
        )
    return table


def check_unique(ids: "pd.Series[str]", where: object) -> None:
    """Raise `InputError` naming the first id that occurs twice."""
    repeated = ids[ids.duplicated()]
    if len(repeated):
        raise InputError("duplicate id", where=where, expected="unique ids", got=repeated.iloc[0])


def check_same_ids(
    left: Sequence[str], right: Sequence[str], left_name: object, right_name: object, do: str
) -> None:
    """Raise `InputError` naming the first position where two id lists differ."""
    if list(left) == list(right):
        return
    where = f"{left_name} and {right_name}"
    if len(left) != len(right):
        raise InputError(
            "ids differ", where=where, expected=f"{len(left)} ids", got=len(right), do=do
        )
    at = next(i for i, (a, b) in enumerate(zip(left, right, strict=True)) if a != b)
    where = f"{where}, row {at}"
    raise InputError("ids differ", where=where, expected=repr(left[at]), got=repr(right[at]), do=do)


def digest(table: pd.DataFrame, columns: Sequence[str]) -> str:
    """SHA-256 of the content of the given columns, row by row."""
    content = table.loc[:, list(columns)].to_csv(index=False, lineterminator="\n")
    return hashlib.sha256(content.encode()).hexdigest()
