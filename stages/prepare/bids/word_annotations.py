"""The words of a run, from an annotation of what was played or shown: a TextGrid or a table."""

import string
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
import pandas as pd

from stages.core.run.errors import InputError
from stages.prepare.bids.bids_tables import (
    MISSING,
    need_column,
    numbers,
    numbers_if_there,
    read_bids_table,
    read_comma_table,
    rows_chosen,
)
from stages.prepare.bids.word_events import tidy_words
from stages.prepare.optional_names import has_name
from stages.prepare.textgrid import read_textgrid, spoken_words

FIELDS = ("sub", "ses", "task", "run", "stimulus")
STIM_FILE = "stim_file"


def annotated_words(
    root: Path,
    pattern: str,
    column: str,
    *,
    entities: Mapping[str, str],
    events: Path | None,
    rows: Mapping[str, Sequence[str]],
    offset: float | None,
) -> tuple[pd.DataFrame, list[Path]]:
    """Read the words of a run, each at its time in the annotation after that of its stimulus.

    A stimulus begins with the first event that names it, whatever that event is: an audio file
    plays from there. It begins again with an event of the same type that comes when its words are
    over. Without events, or with `offset`, all of the run is one stimulus.

    Parameters
    ----------
    root : Path
        Of the dataset.
    pattern : str
        Of a path in it, with fields such as `{task}` (`FIELDS`), ending in .TextGrid, .tsv or .csv.
    column : str
        Tier or column of the words.
    entities : mapping of str to str
        Of the run.
    events : Path or None
        Table of events of the run.
    rows : mapping of str to sequence of str
        By column, the values of events that name a stimulus with words; none for all.
    offset : float or None
        Seconds from the first volume to time 0 of the annotation; None to look it up.

    Returns
    -------
    words : DataFrame
        Columns text, onset and duration.
    files : list of Path
        The annotations.

    Raises
    ------
    InputError
        If a file or field is missing, or nothing says when a stimulus began.
    """
    starts = {"": [0.0]}
    if offset is None or "{stimulus}" in pattern:
        starts = _starts(events, pattern, rows)
    found, files = [], []
    for name, onsets in starts.items():
        said = {"stimulus": Path(name).stem} | {
            key: str(entities.get(key, "")) for key in FIELDS[:4]
        }
        path = root / _filled_in(pattern, said)
        words = _read(path, column)
        files.append(path)
        lasts, begun = float((words["onset"] + words["duration"]).max()), -np.inf
        for onset in onsets:
            if onset >= begun + lasts:
                begun = onset
                found.append(words.assign(onset=words["onset"] + onset + (offset or 0.0)))
    return pd.concat(found).sort_values("onset", kind="stable").reset_index(drop=True), files


def _starts(
    events: Path | None, pattern: str, rows: Mapping[str, Sequence[str]]
) -> dict[str, list[float]]:
    """When each stimulus of a run may have begun, by its file, the first one for sure."""
    if events is None:
        raise InputError(
            "no events to say when the annotated stimulus began",
            where=f"params.yaml: bids.words, {pattern}",
            do="Set bids.offset, in seconds from the first volume.",
        )
    table = read_bids_table(events)
    files = need_column(table, STIM_FILE, events, "Set bids.offset.").str.strip()
    onsets = pd.Series(numbers(need_column(table, "onset", events, ""), events), index=table.index)
    named = files.ne(MISSING) & files.ne("") & onsets.notna()
    chosen = named & rows_chosen(table, rows, events)
    typed = has_name(table.columns, "trial_type", events)
    types = table["trial_type"] if typed else pd.Series("", index=table.index)
    starts: dict[str, list[float]] = {}
    for name in files[chosen].unique():
        own = onsets[named & (files == name)].sort_values(kind="stable")
        same = types[own.index] == types[own.index[0]]
        starts[str(name)] = own[same].tolist()
    if not starts:
        raise InputError("no event names a stimulus", where=events, do="Set bids.offset or rows.")
    if len(starts) > 1 and "{stimulus}" not in pattern:
        raise InputError(
            "several stimuli in one run",
            where=events,
            got=", ".join(list(starts)[:4]),
            do="Let bids.words name the file of each, with {stimulus}.",
        )
    return starts


def _filled_in(pattern: str, said: Mapping[str, str]) -> str:
    fields = [name for _, name, _, _ in string.Formatter().parse(pattern) if name is not None]
    for name in fields:
        if name not in said or not said[name]:
            raise InputError(
                "no such field",
                where=f"params.yaml: bids.words, {pattern}",
                expected=[key for key, value in said.items() if value],
                got=repr(name),
            )
    return pattern.format_map(said)


def _read(path: Path, column: str) -> pd.DataFrame:
    """Read an annotation: words with onset and duration."""
    if not path.is_file():
        raise InputError("no annotation", where=path, do="See bids.words.")
    if path.suffix.lower() == ".textgrid":
        return spoken_words(read_textgrid(path, column))
    table = read_comma_table(path) if path.suffix == ".csv" else read_bids_table(path)
    text = need_column(table, column, path, "Set bids.column.").str.strip()
    onset = numbers(need_column(table, "onset", path, ""), path)
    lasts = (
        numbers(table["offset"], path) - onset
        if has_name(table.columns, "offset", path)
        else numbers_if_there(table, "duration", path)
    )
    words = pd.DataFrame({"text": text, "onset": onset, "duration": lasts}, index=table.index)
    return tidy_words(words[(text != "") & (text != MISSING)], path)
