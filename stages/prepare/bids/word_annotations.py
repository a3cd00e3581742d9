"""The words of a run, from an annotation of what was played or shown: a TextGrid or a table."""

import string
from collections.abc import Mapping
from pathlib import Path

import numpy as np
import pandas as pd

from stages.core.run.errors import InputError
from stages.prepare.bids.bids_tables import (
    MISSING,
    need_column,
    numbers,
    read_bids_table,
    read_comma_table,
)
from stages.prepare.bids.word_events import tidy_words
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
    offset: float | None,
) -> pd.DataFrame:
    """Read the words of a run, each at its time in the annotation after that of its stimulus.

    A stimulus begins with the first event that names it, whatever that event is: an audio file
    plays from there. Without events, or with `offset`, all of the run is one stimulus.

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
    offset : float or None
        Seconds from the first volume to time 0 of the annotation; None to look it up.

    Returns
    -------
    DataFrame
        Columns text, onset and duration.

    Raises
    ------
    InputError
        If a file or field is missing, or nothing says when a stimulus began.
    """
    starts = {"": offset} if offset is not None else {}
    if offset is None or "{stimulus}" in pattern:
        starts = _starts(events, pattern)
        if offset is not None:
            starts = {name: start + offset for name, start in starts.items()}
    found = []
    for name, start in starts.items():
        said = {"stimulus": Path(name).stem} | {
            key: str(entities.get(key, "")) for key in FIELDS[:4]
        }
        path = root / _filled_in(pattern, said)
        words = _read(path, column)
        found.append(words.assign(onset=words["onset"] + start))
    return pd.concat(found).sort_values("onset", kind="stable").reset_index(drop=True)


def _starts(events: Path | None, pattern: str) -> dict[str, float]:
    """When each stimulus of a run began, by its file."""
    if events is None:
        raise InputError(
            "no events to say when the annotated stimulus began",
            where=f"params.yaml: bids.words, {pattern}",
            do="Set bids.offset, in seconds from the first volume.",
        )
    table = read_bids_table(events)
    files = need_column(table, STIM_FILE, events, "Set bids.offset.")
    onsets = pd.Series(numbers(need_column(table, "onset", events, ""), events), index=table.index)
    named = files.str.strip().ne(MISSING) & files.str.strip().ne("") & onsets.notna()
    firsts = onsets[named].groupby(files[named].str.strip(), sort=False).min()
    if not len(firsts):
        raise InputError("no event names a stimulus", where=events, do="Set bids.offset.")
    if len(firsts) > 1 and "{stimulus}" not in pattern:
        raise InputError(
            "several stimuli in one run",
            where=events,
            got=", ".join(firsts.index[:4]),
            do="Let bids.words name the file of each, with {stimulus}.",
        )
    return {str(name): float(start) for name, start in firsts.items()}


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
    ends = numbers(table["offset"], path) - onset if "offset" in table else None
    lasts = numbers(table["duration"], path) if "duration" in table else np.full(len(table), np.nan)
    words = pd.DataFrame(
        {"text": text, "onset": onset, "duration": lasts if ends is None else ends},
        index=table.index,
    )
    return tidy_words(words[(text != "") & (text != MISSING)], path)
