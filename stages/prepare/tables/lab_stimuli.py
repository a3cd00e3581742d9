"""The stimuli of a laboratory: words or images, and when they were shown."""

import logging
from pathlib import Path

import numpy as np
import pandas as pd

from stages.core.run.errors import InputError
from stages.core.run.tables import check_unique
from stages.prepare.tables.lab_cells import LabTable, read_lab_table

logger = logging.getLogger("concord.prepare")

COLUMNS = ("text", "image", "run", "onset", "duration", "split")
SPLITS = ("train", "test")
IMAGE_RUN = "1"


def read_words(path: Path, *, timed: bool) -> pd.DataFrame:
    """Read stimuli that are words or sentences, in the order in which they were met.

    Parameters
    ----------
    path : Path
    timed : bool
        Whether onset and duration, in seconds, must be there. Otherwise, where they are not, they
        are the place in the run, from 0, and 1.

    Returns
    -------
    DataFrame
        Columns id, text, run, onset and duration.

    Raises
    ------
    InputError
        If a column is missing, a text is empty, runs are in pieces, or onsets go back.
    """
    if timed:
        table = read_lab_table(path, ("id", "text", "run", "onset", "duration"), COLUMNS)
    else:
        table = read_lab_table(path, ("id", "text", "run"), COLUMNS)
    found = pd.DataFrame({name: table.texts(name) for name in ("id", "text", "run")}, dtype=object)
    check_unique(found["id"], path)
    check_runs(table, found["run"])
    if "onset" not in table.cells and "duration" not in table.cells:
        place = found.groupby("run", sort=False).cumcount().astype(float)
        return found.assign(onset=place, duration=1.0)
    for name in ("onset", "duration"):
        if name not in table.cells:
            raise InputError("column missing", where=path, expected=name, do="Give both or none.")
        found[name] = table.numbers(name)
    _check_times(table, found)
    return found


def check_runs(table: LabTable, runs: "pd.Series[str]") -> None:
    """Raise `InputError` unless runs stand one after the other."""
    begins = runs[runs != runs.shift()]
    again = begins[begins.duplicated()]
    if len(again):
        do = "Put the rows of a run together."
        where = table.place(int(again.index[0]), "run")
        raise InputError("run in pieces", where=where, got=repr(again.iloc[0]), do=do)


def _check_times(table: LabTable, stimuli: pd.DataFrame) -> None:
    """Raise `InputError` if a stimulus begins before the one above it, or ends before it begins."""
    back = stimuli.groupby("run", sort=False)["onset"].diff() < 0
    for name, wrong, expected in (
        ("onset", back, "at least that of the row above"),
        ("duration", stimuli["duration"] < 0, "0 or more"),
    ):
        for row in np.flatnonzero(wrong)[:1]:
            where, got = table.place(int(row), name), stimuli[name][row]
            raise InputError("time", where=where, expected=f"{expected}, in seconds", got=got)


def read_shown(path: Path, *, described: bool) -> tuple[pd.DataFrame, "pd.Series[str] | None"]:
    """Read stimuli that are images.

    Parameters
    ----------
    path : Path
    described : bool
        Whether captions lie beside the table, which has no texts then.

    Returns
    -------
    stimuli : DataFrame
        Columns id, text, run, onset and duration, the last three as every recording of images has
        them, and `image`, the file. A text that is given nowhere is the name of the file.
    split : Series of str or None
        `train` or `test` of each, where the table says.

    Raises
    ------
    InputError
        If there are no images, or texts are in two places.
    """
    table = read_lab_table(path, ("id", "image"), COLUMNS)
    ids, files = table.texts("id"), table.texts("image")
    check_unique(pd.Series(ids, dtype=str), path)
    if described and "text" in table.cells:
        raise InputError("texts in two places", where=path, got="`text`, and a file of captions")
    texts = table.texts("text") if "text" in table.cells else [Path(name).stem for name in files]
    if not described and "text" not in table.cells:
        logger.warning("%s: no texts: language models will read the names of the files", path)
    found = pd.DataFrame({"id": ids, "text": texts, "run": IMAGE_RUN, "image": files}, dtype=object)
    found = found.assign(onset=np.arange(len(found), dtype=float), duration=1.0)
    return found, _splits(table) if "split" in table.cells else None


def _splits(table: LabTable) -> "pd.Series[str]":
    splits = table.texts("split")
    for row, split in enumerate(splits):
        if split not in SPLITS:
            where = table.place(row, "split")
            raise InputError("split", where=where, expected="train or test", got=repr(split))
    for split in SPLITS:
        if split not in splits:
            expected = f"some rows of `{split}`, or no column"
            raise InputError("split", where=table.path, expected=expected)
    return pd.Series(splits, dtype=object)
