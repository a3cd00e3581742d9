"""Tables written as they come, so that no more than one person's are held."""

from collections.abc import Iterable, Mapping, Sequence
from contextlib import ExitStack
from pathlib import Path

import pandas as pd
import pyarrow as pa
from pyarrow import parquet

from stages.core.run.files import atomic
from stages.core.run.sealed_parquet import sealed_writer


def write_as_they_come(
    paths: Sequence[Path],
    tables: Iterable[Sequence[pd.DataFrame]],
    made_from: Mapping[str, str] | None = None,
) -> None:
    """Write tables below each other, those of each kind into a file of parquet, atomically.

    Parameters
    ----------
    paths : sequence of Path
        A file of each kind.
    tables : iterable of sequence of DataFrame
        At least one, each with a table of each kind.
    made_from : mapping of str to str, optional
        What they are made from; see `stages.core.run.origins`.
    """
    with ExitStack() as stack:
        writers: dict[Path, parquet.ParquetWriter] = {}
        partial = {path: stack.enter_context(atomic(path)) for path in paths}
        for some in tables:
            for path, table in zip(paths, some, strict=True):
                rows = pa.Table.from_pandas(table, preserve_index=False)
                if path not in writers:
                    writer = sealed_writer(partial[path], rows.schema, made_from or {})
                    writers[path] = stack.enter_context(writer)
                writers[path].write_table(rows)
