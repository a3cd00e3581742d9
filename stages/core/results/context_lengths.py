"""The table of scores by how much is read before each word: a row per number of words and region.

`context` is the number of words in a passage, those of the stimulus included; 0 is all of its run.
"""

from pathlib import Path

import pandas as pd

from stages.core.results.typed_tables import Columns, number, read_typed, text

CONTEXTS: Columns = (
    text("recording", "model")
    | number("context")
    | text("region", "layer")
    | number("score", "beyond", "null_mean", "null_sd", "ceiling")
)
DO = "Run `dvc repro metrics/dvc.yaml:lengthen_language`."


def read_contexts(path: Path) -> pd.DataFrame:
    """Read the table.

    Raises
    ------
    InputError
        If the file is missing or unreadable, or a column is absent or of another kind.
    """
    return read_typed(path, CONTEXTS, DO)
