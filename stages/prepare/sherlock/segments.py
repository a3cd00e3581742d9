"""Segments of a film: when each is shown, and how it is described."""

import logging
from pathlib import Path

import numpy as np
import pandas as pd

from stages.core.run.errors import InputError, did_you_mean
from stages.prepare.sherlock.worksheet import read_sheet
from stages.prepare.timing import scan_of_word
from stages.prepare.usable_targets import NAMED

logger = logging.getLogger("concord.prepare")

OBTAIN = "Restore the file from where it was fetched."
NUMBER, START, STOP = "Segment Number", "Start Time (s)", "End Time (s)"
FIRST_TR, LAST_TR = "Start Time (TRs, 1.5s)", "End Time (TRs, 1.5s)"
TEXT, SPEAKING, PRESENT = "Scene Details - A Level", "Name - Speaking", "Name - All"
CAMERA, SPACE = "Camera Angle", "Space-In/Outdoor"
MUSIC, SCREEN = "Music Presence", "Words on Screen"
RATERS = (1, 2, 3, 4)
AROUSAL = [f"Arousal - Rater {rater}" for rater in RATERS]
VALENCE = [f"Valence - Rater {rater}" for rater in RATERS]
NUMBERS = [NUMBER, START, STOP, FIRST_TR, LAST_TR, *AROUSAL]
COLUMNS = [*NUMBERS, TEXT, SPEAKING, PRESENT, CAMERA, SPACE, MUSIC, SCREEN, *VALENCE]
# Seconds that a segment of none lasts: segments are timed in whole seconds.
LEAST = 1.0


def read_segments(path: Path, tr: float) -> pd.DataFrame:
    """Read the segments, in the order of the film.

    Returns
    -------
    DataFrame
        The columns of the sheet that are used, numbers as numbers (those of a segment without
        scans missing), and `run`: seconds begin anew with every run.

    Raises
    ------
    InputError
        If a column is missing, numbers are none, segments are out of order, or their seconds and
        their scans say different times.
    """
    sheet = read_sheet(path, OBTAIN)
    for name in COLUMNS:
        if name not in sheet.columns:
            raise InputError(
                "column missing", where=path, expected=name, do=did_you_mean(name, sheet.columns)
            )
    table = sheet[COLUMNS].copy()
    for name in NUMBERS:
        table[name] = _numbers(sheet[name], f"{path}, {name}")
    if table[[NUMBER, START, STOP, *AROUSAL]].isna().any(axis=None) or (table[TEXT] == "").any():
        raise InputError("segment without number, time, rating or text", where=path)
    if list(table[NUMBER]) != list(range(1, len(table) + 1)):
        raise InputError("segments out of order", where=path, expected=f"1 to {len(table)}")
    table["run"] = ((table[START].diff() < 0).cumsum() + 1).astype(str)
    _check_times(table, tr, path)
    return table


def _numbers(texts: pd.Series, where: str) -> "pd.Series[float]":
    try:
        return pd.to_numeric(texts.replace("", np.nan)).astype(float)
    except ValueError as error:
        raise InputError("wrong type", where=where, expected="numbers", got=error) from error


def _check_times(table: pd.DataFrame, tr: float, path: Path) -> None:
    """Raise `InputError` unless seconds, which begin with a run, and TRs, which go on, agree."""
    before = table.groupby("run")[FIRST_TR].transform("min") - 1
    off = (table[FIRST_TR] - before - 1) * tr - table[START]
    late = off[(off.abs() > tr) | (table[STOP] < table[START])]
    if len(late):
        raise InputError(
            "seconds and TRs of a segment differ",
            where=f"{path}, segment {late.index[0] + 1}",
            expected=f"at most {tr} s",
            got=f"{late.iloc[0]} s",
        )


def shared_beginning(table: pd.DataFrame) -> "pd.Series[float]":
    """Seconds from the beginning of each run that all runs show alike; 0 for a single run.

    What is shown in every run would be in training and test data at once.

    Returns
    -------
    Series
        By run: the end of the last of the first segments whose descriptions are the same.
    """
    runs = {run: rows.reset_index(drop=True) for run, rows in table.groupby("run", sort=False)}
    texts = [tuple(rows[TEXT].str.split().str.join(" ")) for rows in runs.values()]
    alike = 0
    for descriptions in zip(*texts, strict=False):
        if len(runs) < 2 or len(set(descriptions)) > 1:
            break
        alike += 1
    ends = {run: rows[STOP].iloc[alike - 1] if alike else 0.0 for run, rows in runs.items()}
    return pd.Series(ends, dtype=float)


def segment_stimuli(table: pd.DataFrame, samples: pd.DataFrame, tr: float) -> pd.DataFrame:
    """Make stimuli of descriptions; those that begin outside the scans are logged.

    Parameters
    ----------
    table : DataFrame
        From `read_segments`.
    samples : DataFrame
        Columns id, run, onset.
    tr : float
        Seconds that a sample lasts.
    """
    onset, sample = table[START].to_numpy(), np.full(len(table), "", dtype=object)
    for run in table["run"].unique():
        rows, scans = (np.flatnonzero(of["run"] == run) for of in (table, samples))
        if len(scans) == 0:
            raise InputError("segments of a run that is not there", where=TEXT, got=run)
        scan = scan_of_word(onset[rows], samples["onset"].to_numpy()[scans], tr)
        sample[rows] = np.where(scan < 0, "", samples["id"].to_numpy()[scans[scan]])
    outside = list(table.loc[sample == "", NUMBER].astype(int))
    if outside:
        logger.info(
            "%d of %d segments begin outside every kept scan: %s%s",
            *(len(outside), len(table), ", ".join(map(str, outside[:NAMED]))),
            ", …" if len(outside) > NAMED else "",
        )
    return segment_texts(table).assign(sample=sample.astype(str))


def segment_texts(table: pd.DataFrame) -> pd.DataFrame:
    """Make stimuli of descriptions, but for the samples that they are of."""
    return pd.DataFrame(
        {
            "id": [f"s{number:04.0f}" for number in table[NUMBER]],
            "text": [" ".join(text.split()) for text in table[TEXT]],
            "run": table["run"],
            "onset": table[START],
            "duration": np.maximum(table[STOP] - table[START], LEAST),
        }
    )
