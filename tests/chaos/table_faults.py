"""What can be wrong with a table: of text, or of parquet."""

import io
from collections.abc import Callable
from functools import partial
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow.parquet as pq

from stages.core.run.sealed_parquet import read_origin
from stages.core.run.tables import write_table
from tests.chaos import text_faults
from tests.chaos.trial import UnfitError

Rng = np.random.Generator
CELLS = (
    "", "nan", "inf", "-1", "1e308", "abc", "999999999999", "0.5", "n/a", '"', "1,5", "²", "<b>",
    "\x00", "NA", " ", "True", "../x", "1e-320", "é",
)  # fmt: skip


def _rows(path: Path) -> tuple[str, list[list[str]]]:
    text = path.read_text()
    sep = "\t" if path.name.endswith(".tsv") else ","
    return sep, [line.split(sep) for line in text.splitlines()]


def _write(path: Path, sep: str, rows: list[list[str]]) -> None:
    path.write_text("\n".join(sep.join(row) for row in rows) + "\n")


def cell(path: Path, rng: Rng) -> None:
    """Put something odd in a cell."""
    sep, rows = _rows(path)
    row = rows[rng.integers(1, len(rows))] if len(rows) > 1 else rows[0]
    row[rng.integers(len(row))] = CELLS[rng.integers(len(CELLS))]
    _write(path, sep, rows)


def name(path: Path, rng: Rng) -> None:
    """Give a column another name, or that of another one."""
    sep, rows = _rows(path)
    other = rows[0][rng.integers(len(rows[0]))]
    rows[0][rng.integers(len(rows[0]))] = str(rng.choice(["", "other", other, "id ", "<b>", "é"]))
    _write(path, sep, rows)


def drop_column(path: Path, rng: Rng) -> None:
    """Leave out a column."""
    sep, rows = _rows(path)
    at = int(rng.integers(len(rows[0])))
    _write(path, sep, [row[:at] + row[at + 1 :] for row in rows])


def ragged(path: Path, rng: Rng) -> None:
    """Add a cell to a row, or take one away."""
    sep, rows = _rows(path)
    row = rows[rng.integers(len(rows))]
    if rng.random() < 0.5:
        row.append("more")
    else:
        row.pop()
    _write(path, sep, rows)


def no_rows(path: Path, rng: Rng) -> None:
    """Keep the names of columns alone, or not even those."""
    sep, rows = _rows(path)
    _write(path, sep, rows[:1] if rng.random() < 0.5 else rows[1:])


def order(path: Path, rng: Rng) -> None:
    """Put rows in another order."""
    sep, rows = _rows(path)
    _write(path, sep, [rows[0], *(rows[1 + k] for k in rng.permutation(len(rows) - 1))])


def whole_column(path: Path, rng: Rng) -> None:
    """Put something odd in all cells of a column."""
    sep, rows = _rows(path)
    at, value = int(rng.integers(len(rows[0]))), CELLS[rng.integers(len(CELLS))]
    for row in rows[1:]:
        if at < len(row):
            row[at] = value
    _write(path, sep, rows)


TEXT: dict[str, Callable[[Path, Rng], None]] = {
    **text_faults.FAULTS,
    "table_cell": cell,
    "table_cell_more": cell,
    "table_name": name,
    "table_drop_column": drop_column,
    "table_ragged": ragged,
    "table_no_rows": no_rows,
    "table_order": order,
    "table_whole_column": whole_column,
}


def _one_cell(table: pd.DataFrame, column: str, rng: Rng) -> pd.DataFrame:
    """Put something odd in a cell."""
    if table.empty:
        raise UnfitError
    found = table.astype({column: object})
    odd = (None, float("nan"), float("inf"), -1.0, "abc", 1e308, "<b>")
    found.loc[table.index[rng.integers(len(table))], column] = odd[rng.integers(len(odd))]
    try:
        return found.infer_objects().convert_dtypes()
    except (TypeError, ValueError) as error:
        raise UnfitError from error


def _changed(table: pd.DataFrame, rng: Rng) -> pd.DataFrame:
    """Change a table in one way."""
    column = str(table.columns[rng.integers(len(table.columns))])
    changes: list[Callable[[], pd.DataFrame]] = [
        lambda: table.drop(columns=column),
        lambda: table.sample(frac=1.0, random_state=int(rng.integers(2**31))),
        lambda: pd.concat([table, table.iloc[:1]]),
        lambda: table.iloc[:0],
        lambda: table.rename(columns={column: f"{column}x"}),
        lambda: table.assign(**{column: "text"}),
        lambda: table.assign(**{column: None}),
        lambda: _one_cell(table, column, rng),
        lambda: _one_cell(table, column, rng),
    ]
    return changes[rng.integers(len(changes))]()


def edited(path: Path, rng: Rng) -> None:
    """Edit a table as other tools would, which leaves no seal."""
    found = _changed(pd.read_parquet(path), rng)
    path.unlink()
    try:
        found.to_parquet(path, index=False)
    except (ValueError, TypeError) as error:
        raise UnfitError from error


def footer_kept(path: Path, rng: Rng) -> None:
    """Edit a table, and give it the seal that the old one had."""
    old = pq.read_schema(path).metadata
    table = pq.read_table(path)
    changed = _changed(table.to_pandas(), rng)
    try:
        import pyarrow as pa

        new = pa.Table.from_pandas(changed, preserve_index=False)
    except (ValueError, TypeError) as error:
        raise UnfitError from error
    path.unlink()
    pq.write_table(new.replace_schema_metadata((new.schema.metadata or {}) | (old or {})), path)


def resealed(path: Path, rng: Rng) -> None:
    """Write another table as a stage would that has a fault, sealed."""
    made_from = read_origin(path, "")
    changed = _changed(pd.read_parquet(path), rng)
    path.unlink()
    try:
        write_table(path, changed, made_from)
    except (ValueError, TypeError) as error:
        raise UnfitError from error


def stored(how: str, path: Path, rng: Rng) -> None:
    """Store the same table otherwise, without a seal."""
    table = pq.read_table(path)
    path.unlink()
    sink = io.BytesIO()
    pq.write_table(table, sink, compression=how)
    path.write_bytes(sink.getvalue())


PARQUET: dict[str, Callable[[Path, Rng], None]] = {
    "parquet_edited": edited,
    "parquet_footer_kept": footer_kept,
    "parquet_stored": partial(stored, "gzip"),
}
RESEALED: dict[str, Callable[[Path, Rng], None]] = {"parquet_resealed": resealed}
# A laboratory's own table has no seal, and might have had other columns or numbers.
UNKNOWABLE = {*TEXT, *PARQUET}
