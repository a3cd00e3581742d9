"""The words of a run, from its table of events."""

import logging
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from stages.core.run.errors import InputError
from stages.prepare.bids.bids_tables import (
    MISSING,
    need_column,
    numbers,
    numbers_if_there,
    read_bids_table,
    rows_chosen,
)

log = logging.getLogger("concord.prepare")

# A word of unknown duration lasts until the next one, but no longer, in seconds.
LONGEST = 2.0


def read_word_events(path: Path, column: str, rows: Mapping[str, Sequence[str]]) -> pd.DataFrame:
    """Read the words of an events.tsv, each with all that its field holds.

    Parameters
    ----------
    path : Path
    column : str
        Of the words.
    rows : mapping of str to sequence of str
        By column, the values of the rows that are words; none for all rows with a word.

    Returns
    -------
    DataFrame
        Columns text, onset and duration (seconds), by onset.

    Raises
    ------
    InputError
        If a column is missing, no row is a word, a time is no number or negative, or a row stands
        there twice.
    """
    table = read_bids_table(path)
    words = need_column(table, column, path, "Set bids.column.")
    chosen = _chosen(table, words, rows, path)
    if not chosen.any():
        _refuse(table, rows, column, path)
    table = table[chosen]
    found = pd.DataFrame(
        {
            "text": table[column].str.strip(),
            "onset": numbers(need_column(table, "onset", path, ""), path),
            "duration": numbers_if_there(table, "duration", path),
        },
        index=table.index,
    )
    return tidy_words(found, path)


def _chosen(
    table: pd.DataFrame, words: "pd.Series[str]", rows: Mapping[str, Sequence[str]], path: Path
) -> "pd.Series[bool]":
    """Which rows are words; where rows are chosen by what they are, a word may be `n/a`."""
    chosen = words.str.strip() != ""
    if not rows:
        return chosen & (words.str.strip() != MISSING)
    return chosen & rows_chosen(table, rows, path)


def _refuse(
    table: pd.DataFrame, rows: Mapping[str, Sequence[str]], column: str, path: Path
) -> None:
    name = next(iter(rows), column)
    there = [repr(value) for value in table[name].unique()[:8]]
    raise InputError(
        "no row is a word",
        where=path,
        expected="; ".join(f"{key} {' or '.join(values)}" for key, values in rows.items()) or None,
        got=", ".join(there) or "no row",
        do="Set bids.rows.",
    )


def tidy_words(words: pd.DataFrame, path: Path) -> pd.DataFrame:
    """Put words in the order of their onsets, and give each a duration.

    Parameters
    ----------
    words : DataFrame
        Columns text, onset and duration; the index counts the lines of the file. Words without an
        onset are left out, which is logged.
    path : Path

    Returns
    -------
    DataFrame
        Words of one onset stay in the order of the file.

    Raises
    ------
    InputError
        If a duration is negative, a word is there twice, or none is left.
    """
    timeless = words["onset"].isna()
    if timeless.any():
        log.warning("%s: %d words without an onset left out", path, int(timeless.sum()))
    words = words[~timeless]
    if words.empty:
        raise InputError("no word with an onset", where=path)
    for wrong, what in (
        (words["duration"] < 0, "negative duration"),
        (words.duplicated(), "the same row twice"),
    ):
        if wrong.any():
            line = words.index[int(wrong.to_numpy().argmax())]
            got = repr(words["text"][line])
            raise InputError(what, where=f"{path}, line {line}", got=got, do="Correct the table.")
    if not words["onset"].is_monotonic_increasing:
        log.info("%s: sorted by onset", path)
        words = words.sort_values("onset", kind="stable")
    words = words.reset_index(drop=True)
    return words.assign(duration=_filled(words))


def _filled(words: pd.DataFrame) -> NDArray[np.float64]:
    """Give words of unknown duration the time until the next one; the last, the median."""
    onsets, durations = words["onset"].to_numpy(), words["duration"].to_numpy(float, copy=True)
    later = np.searchsorted(onsets, onsets, side="right")
    following = np.append(onsets, np.nan)[later]
    unknown = np.isnan(durations)
    durations[unknown] = np.minimum(following - onsets, LONGEST)[unknown]
    known = durations[~np.isnan(durations)]
    durations[np.isnan(durations)] = np.median(known) if len(known) else 0.0
    return durations
