"""Tables on disk that grow by the rows of one model at a time."""

import logging
from collections.abc import Iterable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from pathlib import Path

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from stages.core.results.survey import TABLES
from stages.core.results.typed_tables import empty_table
from stages.core.run.files import atomic
from stages.core.run.sealed_parquet import sealed_writer


class GrowingTable:
    """A parquet table of the survey to which rows are added.

    Parameters
    ----------
    path : Path
    name : str
        Of `TABLES`.
    made_from : mapping of str to str
        See `stages.core.run.origins`.
    """

    def __init__(self, path: Path, name: str, made_from: Mapping[str, str]) -> None:
        self.path, self.name, self.made_from = path, name, made_from
        self._open = ExitStack()
        self._writer: pq.ParquetWriter | None = None

    def append(self, table: pd.DataFrame) -> None:
        """Add rows as a group of their own; the columns keep the types of the first rows."""
        if len(table):
            self._write(table)

    def close(self) -> None:
        """Finish the file; without rows it has the columns alone."""
        if self._writer is None:
            self._write(empty_table(TABLES[self.name]))
        self._open.close()

    def _write(self, table: pd.DataFrame) -> None:
        rows = pa.Table.from_pandas(table, preserve_index=False)
        if self._writer is None:
            writer = sealed_writer(self.path, rows.schema, self.made_from)
            self._writer = self._open.enter_context(writer)
        self._writer.write_table(rows.cast(self._writer.schema), row_group_size=len(rows) or None)


@contextmanager
def growing(
    folders: Mapping[str, Path], made_from: Mapping[str, str] | None = None
) -> Iterator[dict[str, GrowingTable]]:
    """Open tables, by name in their folders; they are there once the block has succeeded."""
    with ExitStack() as stack:
        tables = {
            name: GrowingTable(
                stack.enter_context(atomic(folder / f"{name}.parquet")), name, made_from or {}
            )
            for name, folder in folders.items()
        }
        yield tables
        for table in tables.values():
            table.close()


def groups_of(path: Path, columns: Iterable[str] | None = None) -> Iterator[pd.DataFrame]:
    """Read a table that has grown, the rows of one model at a time."""
    with pq.ParquetFile(path) as file:
        for group in range(file.num_row_groups):
            yield file.read_row_group(group, columns=columns and list(columns)).to_pandas()


@contextmanager
def said_once(log: logging.Logger) -> Iterator[None]:
    """Let through one of several equal messages, such as those that each model would give."""
    said: set[str] = set()

    def is_new(record: logging.LogRecord) -> bool:
        before = len(said)
        said.add(record.getMessage())
        return len(said) > before

    log.addFilter(is_new)
    try:
        yield
    finally:
        log.removeFilter(is_new)
