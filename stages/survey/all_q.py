"""q over all models, of tables that are too large to be held at once."""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
from numpy.typing import NDArray
from scipy.stats import false_discovery_control

from stages.core.run.files import atomic
from stages.core.run.sealed_parquet import sealed_writer
from stages.core.stats.multiple import family_name
from stages.survey.growing import groups_of

Array = NDArray[np.float64]
Family = tuple[Any, ...]


def with_q(
    source: Path,
    out: Path,
    kind: str,
    by: Sequence[str],
    over: str,
    *,
    made_from: Mapping[str, str] | None = None,
) -> None:
    """Copy a table, with q (Benjamini & Hochberg 1995) and the name of its family filled in.

    Beside the rows of one model, the p of all rows are held.

    Parameters
    ----------
    source, out : Path
        Tables of results; `source` was made by `stages.survey.growing`.
    kind : str
        Of the rows that are tested; others, and those without p, have no q.
    by : sequence of str
        Columns whose values tell the families apart.
    over : str
        What a family ranges over, for its name.
    made_from : mapping of str to str, optional
        What the copy names as its origin.
    """
    found = _all_q(source, kind, by)
    with (
        atomic(out) as partial,
        pq.ParquetFile(source) as file,
        sealed_writer(partial, file.schema_arrow, made_from or {}) as writer,
    ):
        for group in range(file.num_row_groups):
            writer.write_table(_filled(file.read_row_group(group), found, kind, by, over))


def _all_q(source: Path, kind: str, by: Sequence[str]) -> dict[Family, Iterator[Array]]:
    """Find q of each family, one array per group of rows that has any of it."""
    families: defaultdict[Family, list[Array]] = defaultdict(list)
    for rows in groups_of(source, [*by, "kind", "p"]):
        for family, tested in _tested(rows, kind, by):
            families[family].append(rows["p"].to_numpy(float)[tested])
    found: dict[Family, Iterator[Array]] = {}
    for family in list(families):
        parts = families.pop(family)
        ends = np.cumsum([len(part) for part in parts])[:-1]
        found[family] = iter(np.split(false_discovery_control(np.concatenate(parts)), ends))
    return found


def _tested(
    rows: pd.DataFrame, kind: str, by: Sequence[str]
) -> Iterator[tuple[Family, NDArray[np.intp]]]:
    """Places of the rows of each family."""
    tested = np.flatnonzero((rows["kind"] == kind) & rows["p"].notna())
    for family, places in rows.iloc[tested].groupby(list(by), sort=False).indices.items():
        yield family if isinstance(family, tuple) else (family,), tested[places]


def _filled(
    rows: pa.Table, found: dict[Family, Iterator[Array]], kind: str, by: Sequence[str], over: str
) -> pa.Table:
    q, names = np.full(len(rows), np.nan), np.full(len(rows), "", object)
    for family, tested in _tested(rows.select([*by, "kind", "p"]).to_pandas(), kind, by):
        q[tested] = next(found[family])
        names[tested] = family_name(over, by, family)
    for column, values in {"q": q, "q_family": names}.items():
        field = rows.schema.field(column)
        filled = pa.array(values, field.type, from_pandas=True)
        rows = rows.set_column(rows.schema.get_field_index(column), field, filled)
    return rows
