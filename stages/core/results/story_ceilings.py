"""The tables of ceilings of a story: one row per ceiling, and the points and curves behind them.

Of ceilings: `subject` is who it is of, `group` for the mean of all or over all; `kind` what it
bounds; `curve` how it was extrapolated, empty where it was not; `low` and `high` its 95 % interval;
`subjects` how many people were averaged, the others where one is held out; `endpoint` the number of
others from which one more adds less than .0005; `failed` the share of replicates behind the
interval in which there was no ceiling. What cannot be had is missing; nothing is clipped.

Of points: `others` is how many others were averaged, `value` the correlation with their mean;
`replicate` names who was left out, or the number of the draw.
"""

from pathlib import Path

import pandas as pd

from stages.core.results.typed_tables import Columns, number, read_typed, text

DO = "Run `dvc repro ceilings_story`."

# Kinds of ceiling, by what they bound.
SPLIT_HALF = "the mean of these subjects, from split halves"
OTHERS = "one held-out subject, from the mean of the others"
LIMIT = "one held-out subject, from infinitely many others"
GIVEN = "given with the recording"

# Parts of the second table: what was measured with so many others, the curve to infinitely many,
# and the same curve from other draws, or without one of the subjects.
MEASURED, EXTRAPOLATED, REPLICATE = "measured", "extrapolated", "replicate"

CEILING_COLUMNS: Columns = text("dataset", "subject", "region", "kind", "curve") | number(
    "ceiling", "low", "high", "subjects", "endpoint", "failed"
)
POINT_COLUMNS: Columns = text("dataset", "subject", "region", "part", "replicate") | number(
    "others", "value"
)


def read_story_ceilings(path: Path) -> pd.DataFrame:
    """Read the table of ceilings.

    Raises
    ------
    InputError
        If the file is missing or unreadable, or a column is absent or of another kind.
    """
    return read_typed(path, CEILING_COLUMNS, DO)


def read_ceiling_points(path: Path) -> pd.DataFrame:
    """Read the table of points and curves.

    Raises
    ------
    InputError
        As `read_story_ceilings` does.
    """
    return read_typed(path, POINT_COLUMNS, DO)
