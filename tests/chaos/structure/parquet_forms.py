"""Parquet whose columns are of another type or name, and whose rows are others or elsewhere.

A table of this project is sealed, so that every form of it must be refused.
"""

from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from tests.chaos.structure.form import DIFFERENT, EQUAL, REFUSED, Change, Form, Rng
from tests.chaos.trial import UnfitError

# From a table, what is written in its place.
Edit = Callable[[pa.Table, Rng], pa.Table]
UNFIT = (pa.ArrowException, TypeError, ValueError, OverflowError)


def _edited(edit: Edit, path: Path, rng: Rng) -> None:
    """Write what another tool would."""
    table = pq.read_table(path, memory_map=False)
    try:
        found = edit(table, rng)
    except UNFIT as error:
        raise UnfitError from error
    path.unlink()
    pq.write_table(found, path)


def _of_kind(table: pa.Table, rng: Rng, kind: Callable[[pa.DataType], bool]) -> int:
    found = [at for at, one in enumerate(table.schema) if kind(one.type)]
    if not found or not len(table):
        raise UnfitError
    return found[rng.integers(len(found))]


def _text(kind: pa.DataType) -> bool:
    return pa.types.is_string(kind) or pa.types.is_large_string(kind)


def _numeric(kind: pa.DataType) -> bool:
    return pa.types.is_integer(kind) or pa.types.is_floating(kind)


def _cast(of: Callable[[pa.DataType], bool], to: pa.DataType) -> Edit:
    """Store a column in another type."""

    def edit(table: pa.Table, rng: Rng) -> pa.Table:
        at = _of_kind(table, rng, of)
        name = table.schema.names[at]
        if table.schema.field(at).type == to:
            raise UnfitError
        column = table.column(at)
        if pa.types.is_dictionary(to):
            return table.set_column(at, name, column.dictionary_encode())
        return table.set_column(at, name, column.cast(to))

    return edit


def _values(of: Callable[[pa.DataType], bool], make: Callable[[list[Any], Rng], pa.Array]) -> Edit:
    """Put other values into a column."""

    def edit(table: pa.Table, rng: Rng) -> pa.Table:
        at = _of_kind(table, rng, of)
        made = make(table.column(at).to_pylist(), rng)
        return table.set_column(at, table.schema.names[at], made)

    return edit


def _one(value: float | None) -> Edit:
    """Put a value into one row of a column of numbers."""

    def make(values: list[Any], rng: Rng) -> pa.Array:
        values[rng.integers(len(values))] = value
        return pa.array([None if one is None else float(one) for one in values])

    return _values(_numeric, make)


def _negated(values: list[Any], rng: Rng) -> pa.Array:
    at = rng.integers(len(values))
    if not values[at]:
        raise UnfitError
    values[at] = -values[at]
    return pa.array(values)


def _missing_whole(values: list[Any], rng: Rng) -> pa.Array:
    at = rng.integers(len(values))
    return pa.array([None if k == at else one for k, one in enumerate(values)])


def _rows(choose: Callable[[int, Rng], Any]) -> Edit:
    return lambda table, rng: table.take(pa.array(np.asarray(choose(len(table), rng), dtype=int)))


def _renamed(change: Callable[[str], str]) -> Edit:
    def edit(table: pa.Table, rng: Rng) -> pa.Table:
        names = table.schema.names
        at = int(rng.integers(len(names)))
        return table.rename_columns([*names[:at], change(names[at]), *names[at + 1 :]])

    return edit


def _index(table: pa.Table, rng: Rng) -> pa.Table:
    frame = table.to_pandas()
    frame.index = pd.Index(np.arange(len(frame))[::-1])
    return pa.Table.from_pandas(frame)


def _named_index(table: pa.Table, rng: Rng) -> pa.Table:
    frame = table.to_pandas()
    return pa.Table.from_pandas(frame.set_index(frame.columns[0]))


def _column_twice(table: pa.Table, rng: Rng) -> pa.Table:
    at = int(rng.integers(table.num_columns))
    return table.append_column(table.schema.names[at], table.column(at))


def _swapped_names(table: pa.Table, rng: Rng) -> pa.Table:
    a, b = _of_kind(table, rng, _text), _of_kind(table, rng, _numeric)
    names = table.schema.names
    names[a], names[b] = names[b], names[a]
    return table.rename_columns(names)


def _dropped(table: pa.Table, rng: Rng) -> pa.Table:
    return table.remove_column(int(rng.integers(table.num_columns)))


def _stored(**how: Any) -> Change:
    """Store the same otherwise."""

    def change(path: Path, rng: Rng) -> None:
        table = pq.read_table(path, memory_map=False)
        path.unlink()
        pq.write_table(table, path, **how)

    return change


EDITS: dict[str, tuple[Edit, str]] = {
    "categories": (_cast(_text, pa.dictionary(pa.int32(), pa.string())), EQUAL),
    "large_text": (_cast(_text, pa.large_string()), EQUAL),
    "text_as_bytes": (_cast(_text, pa.binary()), REFUSED),
    "whole_as_float": (_cast(pa.types.is_integer, pa.float64()), EQUAL),
    "whole_as_short": (_cast(pa.types.is_integer, pa.int16()), EQUAL),
    "whole_as_text": (_cast(pa.types.is_integer, pa.string()), EQUAL),
    "float_as_text": (_cast(pa.types.is_floating, pa.string()), EQUAL),
    "float_as_single": (_cast(pa.types.is_float64, pa.float32()), DIFFERENT),
    "float_as_decimal": (
        _values(_numeric, lambda values, rng: pa.array(values).cast(pa.decimal256(60, 20))),
        REFUSED,
    ),
    "number_as_flag": (
        _values(_numeric, lambda values, rng: pa.array([bool(one) for one in values])), REFUSED,
    ),
    "number_as_date": (
        _values(
            _numeric,
            lambda values, rng: pa.array([int(one) for one in values]).cast(
                pa.timestamp("s", "Europe/Berlin")
            ),
        ),
        REFUSED,
    ),
    "number_as_time": (
        _values(
            _numeric,
            lambda values, rng: pa.array([int(one) for one in values]).cast(pa.duration("s")),
        ),
        REFUSED,
    ),
    "text_as_number": (
        _values(_text, lambda values, rng: pa.array(np.arange(len(values)))), REFUSED,
    ),
    "in_lists": (_values(_numeric, lambda values, rng: pa.array([[v] for v in values])), REFUSED),
    "in_structs": (
        _values(_text, lambda values, rng: pa.array([{"value": v} for v in values])), REFUSED,
    ),
    "nothing_in_column": (_values(_text, lambda values, rng: pa.nulls(len(values))), REFUSED),
    "text_missing": (_values(_text, _missing_whole), REFUSED),
    "number_missing": (_values(_numeric, _missing_whole), REFUSED),
    "not_a_number": (_one(float("nan")), REFUSED),
    "infinite": (_one(float("inf")), REFUSED),
    "negative": (_values(_numeric, _negated), DIFFERENT),
    "huge": (_one(1e30), DIFFERENT),
    "renamed": (_renamed(lambda name: f"{name}_"), REFUSED),
    "other_case": (_renamed(str.swapcase), REFUSED),
    "swapped_names": (_swapped_names, REFUSED),
    "dropped": (_dropped, REFUSED),
    "column_more": (
        lambda table, rng: table.append_column("odd", pa.array(np.arange(len(table)))), EQUAL,
    ),
    "column_twice": (_column_twice, REFUSED),
    "columns_turned": (lambda table, rng: table.select(table.schema.names[::-1]), EQUAL),
    "index": (_index, EQUAL),
    "named_index": (_named_index, EQUAL),
    "rows_turned": (_rows(lambda n, rng: np.arange(n)[::-1]), REFUSED),
    "rows_twice": (_rows(lambda n, rng: np.tile(np.arange(n), 2)), REFUSED),
    "row_twice": (_rows(lambda n, rng: np.sort(np.r_[np.arange(n), rng.integers(n)])), REFUSED),
    "row_less": (_rows(lambda n, rng: np.delete(np.arange(n), rng.integers(n))), REFUSED),
    "no_rows": (_rows(lambda n, rng: []), REFUSED),
}  # fmt: skip
STORED = {
    "row_groups": _stored(row_group_size=7),
    "old_format": _stored(version="1.0", compression="gzip", use_dictionary=False),
    "new_pages": _stored(data_page_version="2.0", compression="zstd", write_statistics=False),
}
FORMS: dict[str, Form] = {
    **{f"parquet_{name}": Form(partial(_edited, edit), how) for name, (edit, how) in EDITS.items()},
    **{f"parquet_{name}": Form(change, EQUAL) for name, change in STORED.items()},
}
