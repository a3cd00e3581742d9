"""Contract 5: the table of relations, one tidy row per quantity."""

from pathlib import Path

import pandas as pd

from stages.core.results.typed_tables import Columns, number, read_typed, text

RELATION_COLUMNS: Columns = (
    text("source", "benchmark", "modality", "metric")
    | number("n", "families")
    | text("statistic")
    | number("value", "low", "high", "loo_low", "loo_high", "p", "p_independent", "q")
    | text("q_family")
)

# What ends the name of a benchmark where models of the scheme `static` are left out.
WITHOUT_STATIC = " without static embeddings"


def read_relations(path: Path) -> pd.DataFrame:
    """Read a table made by `relations_table`.

    Raises
    ------
    InputError
        If the file is missing or unreadable, or a column is absent or of another kind.
    """
    return read_typed(path, RELATION_COLUMNS, "Run `dvc repro relate`.")
