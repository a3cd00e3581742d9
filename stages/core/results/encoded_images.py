"""The table of encoding beside alignment: how models predict images' voxels, and share geometry.

A row per model, person, region and measure, for every layer (kind `layer`) and for the layer that
other data chose (`nested`). Measures are `encoding`, held-out r of ridge regression, the mean over
a region's voxels, and `alignment`, by the metric of the survey; each has its own null and ceiling.
"""

from pathlib import Path

import pandas as pd

from stages.core.results.typed_tables import Columns, flag, number, read_typed, text

ENCODING, ALIGNMENT = "encoding", "alignment"
MEASURES = (ENCODING, ALIGNMENT)
BESIDE: Columns = (
    text("dataset", "model", "modality", "architecture")
    | flag("trained")
    | text("subject", "region", "kind", "layer")
    | number("depth")
    | text("measure", "metric")
    | number("score", "null_mean", "null_sd", "p", "q")
    | text("q_family")
    | number("ceiling", "n")
)
DO = "Run `dvc repro metrics/dvc.yaml:survey_encoding`."


def read_beside(path: Path) -> pd.DataFrame:
    """Read the table.

    Raises
    ------
    InputError
        If the file is missing or unreadable, or a column is absent or of another kind.
    """
    return read_typed(path, BESIDE, DO)
