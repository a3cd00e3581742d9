"""Results written as they come, so that no more than one person's are held."""

from collections.abc import Iterable
from contextlib import ExitStack
from pathlib import Path

import pandas as pd
import pyarrow as pa
from pyarrow import parquet

from stages.core.run.files import atomic


def write_as_they_come(path: Path, tables: Iterable[pd.DataFrame]) -> None:
    """Write results tables one after the other into one file of parquet, atomically.

    Parameters
    ----------
    path : Path
    tables : iterable of DataFrame
        At least one, each made by `results_table`.
    """
    with ExitStack() as stack:
        writer = None
        partial = stack.enter_context(atomic(path))
        for table in tables:
            rows = pa.Table.from_pandas(table, preserve_index=False)
            if writer is None:
                writer = stack.enter_context(parquet.ParquetWriter(partial, rows.schema))
            writer.write_table(rows)
