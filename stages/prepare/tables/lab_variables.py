"""What a laboratory knows of its stimuli: features, nuisance variables, captions."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pandas as pd

from stages.core.run.errors import InputError, did_you_mean
from stages.core.run.tables import check_unique
from stages.prepare.tables.lab_cells import LabTable, read_lab_table


def read_variables(path: Path, stimuli: Sequence[str], *, typed: bool) -> pd.DataFrame:
    """Read a table of numbers, a row per stimulus in any order.

    Parameters
    ----------
    path : Path
    stimuli : sequence of str
        Ids, in the order that is wanted.
    typed : bool
        Whether columns must be called `type/name`.

    Raises
    ------
    InputError
        If a stimulus is missing, unknown or there twice, or a value is no finite number.
    """
    table = read_lab_table(path, ("id",), None)
    names = [name for name in table.cells.columns if name != "id"]
    if not names:
        raise InputError("no variable", where=path, expected="a column beside `id`")
    for name in names:
        kind, slash, rest = name.partition("/")
        if typed and not (kind and slash and rest):
            raise InputError("name of a feature", where=path, expected="type/name", got=repr(name))
    ids = table.texts("id")
    check_unique(pd.Series(ids, dtype=str), path)
    _check_known(table, ids, stimuli)
    place = {name: row for row, name in enumerate(ids)}
    rows = [place[name] for name in stimuli]
    found = np.column_stack([table.numbers(name) for name in names])[rows]
    return pd.DataFrame(found, columns=names).assign(id=list(stimuli))[["id", *names]]


def _check_known(table: LabTable, ids: Sequence[str], stimuli: Sequence[str]) -> None:
    """Raise `InputError` unless the rows are those of all stimuli."""
    known, found = set(stimuli), set(ids)
    for row, name in enumerate(ids):
        if name not in known:
            do = did_you_mean(name, stimuli)
            raise InputError("unknown stimulus", where=table.place(row), got=repr(name), do=do)
    for name in stimuli:
        if name not in found:
            raise InputError("stimulus missing", where=table.path, expected=repr(name))


def read_captions(path: Path, stimuli: Sequence[str]) -> pd.DataFrame:
    """Read captions, one or more for every image, the first of which is its text.

    Returns
    -------
    DataFrame
        Columns id, number (from 0) and text, in the order of the stimuli.

    Raises
    ------
    InputError
        If a stimulus has none or is unknown.
    """
    table = read_lab_table(path, ("id", "text"))
    found = pd.DataFrame({"id": table.texts("id"), "text": table.texts("text")}, dtype=object)
    _check_known(table, list(found["id"]), stimuli)
    found["number"] = found.groupby("id").cumcount()
    place = {name: row for row, name in enumerate(stimuli)}
    found = found.sort_values("id", key=lambda ids: ids.map(place), kind="stable")
    return found[["id", "number", "text"]].reset_index(drop=True)
