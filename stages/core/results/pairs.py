"""Models compared two by two, on the same stimuli of the same people, and how sure they are."""

from pathlib import Path

import pandas as pd

from stages.core.results.typed_tables import Columns, number, read_typed, text

# `subject` is the average of the responses, the only subject, or `mean`: the mean over people of
# their differences. low, high, p, q: of these people, had they met other stimuli; those with
# `people` in front: of other people too.
COLUMNS: Columns = (
    text("model", "modality", "other", "other_modality", "subject", "region", "metric")
    | number("score", "other_score", "difference")
    | number("low", "high", "p", "q", "people_low", "people_high", "people_p", "people_q")
    # How many people there are, and in how many each is ahead, by p of their own.
    | number("people", "ahead", "behind")
)

# Of the scores themselves; `subject`, low and high, and those over people, as above.
INTERVALS: Columns = text("model", "modality", "subject", "region", "metric") | number(
    "score", "low", "high", "people_low", "people_high", "people"
)


def read_pairs(path: Path, do: str) -> pd.DataFrame:
    """Read the table of pairs.

    Raises
    ------
    InputError
        If the file is missing or unreadable, or a column is absent or of another kind.
    """
    return read_typed(path, COLUMNS, do)
