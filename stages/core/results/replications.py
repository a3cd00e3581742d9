"""The table of published numbers that were derived again, one row per number."""

from pathlib import Path

import pandas as pd

from stages.core.results.typed_tables import Columns, flag, number, read_typed, text

REPLICATION_COLUMNS: Columns = (
    text("source", "quantity", "basis")
    | number("published", "ours", "low", "high", "n", "tolerance")
    | text("verdict", "needs", "note")
    | flag("shown")
)

# What the published value is: printed in a paper, a README or a figure; computed once from the same
# tables by other code than ours; or nothing, where ours stands alone.
PRINTED, RECOMPUTED, ALONE = "printed", "recomputed", "none"

MATCHES, WITHIN, DIFFERS = "matches", "within", "does not recompute"
NEEDS = "needs"  # a file that is not at hand, named in the column `needs`
UNPUBLISHED = "nothing published"
VERDICTS = (MATCHES, WITHIN, DIFFERS, NEEDS, UNPUBLISHED)


def read_replications(path: Path) -> pd.DataFrame:
    """Read a table of the replicate stage.

    Raises
    ------
    InputError
        If the file is missing or unreadable, or a column is absent or of another kind.
    """
    return read_typed(path, REPLICATION_COLUMNS, "Run `dvc repro metrics/dvc.yaml:replicate`.")
