"""How well language models do at tasks, and means over recordings, of a zoo published by others.

A row is a model and a task; `value` is by `measure`: of `PERPLEXITY` less is better, of all others
more.
"""

from pathlib import Path

import pandas as pd

from stages.core.results.typed_tables import Columns, flag, number, read_typed, text

NEXT_WORD, PERPLEXITY = "wikitext-2", "perplexity"
BRAIN = ("pereira2018", "fedorenko2016", "blank2014")
# Means of normalised scores, each cut at 1, and the recordings that they are over.
SUMMARIES = {"neural": BRAIN, "overall": (*BRAIN, "futrell2018")}
# Whose scores they are: no person's and not the average's.
MEDIAN = "median over people"

TASKS: Columns = (
    text("model", "architecture") | flag("trained") | text("task", "measure") | number("value")
)


def read_tasks(path: Path) -> pd.DataFrame:
    """Read a table of tasks.

    Raises
    ------
    InputError
        If the file is missing or unreadable, or a column is absent or of another kind.
    """
    return read_typed(path, TASKS, "Run `dvc repro metrics/dvc.yaml:replicate`.")
