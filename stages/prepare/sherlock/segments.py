"""Segments of a film: when each is shown, what it shows, and how it is described."""

import logging
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from stages.core.run.errors import InputError, did_you_mean
from stages.prepare.lexical import log_frequency
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
SIGNS = {"+": 1.0, "-": -1.0, "": np.nan}
# Annotations of fewer segments are no features.
FEWEST = 20
# Seconds that a segment of none lasts: segments are timed in whole seconds.
LEAST = 1.0


def read_segments(path: Path, tr: float) -> pd.DataFrame:
    """Read the segments, in the order of the film.

    Returns
    -------
    DataFrame
        The columns of the sheet that are used, numbers as numbers (those of a segment without
        scans missing), and `run`: seconds begin anew with every scan.

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
    """Raise `InputError` unless seconds, which begin with a scan, and TRs, which go on, agree."""
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
            raise InputError("segments of a scan that is not there", where=TEXT, got=run)
        scan = scan_of_word(onset[rows], samples["onset"].to_numpy()[scans], tr)
        sample[rows] = np.where(scan < 0, "", samples["id"].to_numpy()[scans[scan]])
    outside = list(table.loc[sample == "", NUMBER].astype(int))
    if outside:
        logger.info(
            "%d of %d segments begin outside every kept scan: %s%s",
            *(len(outside), len(table), ", ".join(map(str, outside[:NAMED]))),
            ", …" if len(outside) > NAMED else "",
        )
    return pd.DataFrame(
        {
            "id": [f"s{number:04.0f}" for number in table[NUMBER]],
            "text": [" ".join(text.split()) for text in table[TEXT]],
            "run": table["run"],
            "onset": onset,
            "duration": np.maximum(table[STOP] - table[START], LEAST),
            "sample": sample.astype(str),
        }
    )


def segment_features(table: pd.DataFrame, ids: Sequence[str]) -> pd.DataFrame:
    """Make features of the annotations that at least 20 segments have.

    Arousal and valence are means over the raters who rated a segment; of a valence, + is 1 and
    − is −1.
    """
    valence = table[VALENCE].replace(SIGNS).astype(float).mean(axis=1)
    found = {
        "Speech/any": _present(table[SPEAKING]),
        "Music/any": _answer(table[MUSIC], "Yes", ("Yes", "No")),
        "Visual/outdoor": _answer(table[SPACE], "Outdoor"),
        "Visual/words_on_screen": _present(table[SCREEN]),
        "Emotion/arousal": table[AROUSAL].mean(axis=1).to_numpy(),
        "Emotion/valence": valence.to_numpy(),
    }
    lists = {"Speech": SPEAKING, "Characters": PRESENT, "Visual": CAMERA}
    for kind, column in lists.items():
        found |= {f"{kind}/{name}": has for name, has in _terms(table[column]).items()}
    return pd.DataFrame({"id": list(ids), **found})


def segment_nuisance(table: pd.DataFrame, stimuli: pd.DataFrame) -> pd.DataFrame:
    """Make nuisance variables: what a description may stand for though it does not say so.

    Whether somebody speaks and whether there is music, which early auditory cortex hears whatever
    is said; number and mean frequency of the description's words; seconds that it is on.
    """
    words = [text.split() for text in stimuli["text"]]
    return pd.DataFrame(
        {
            "id": stimuli["id"],
            "speech": _present(table[SPEAKING]),
            "music": _answer(table[MUSIC], "Yes", ("Yes", "No")),
            "words": [float(len(some)) for some in words],
            "log_frequency": [float(np.mean([log_frequency(w) for w in some])) for some in words],
            "seconds": stimuli["duration"],
        }
    )


def _present(texts: pd.Series) -> NDArray[np.float64]:
    """1 where a cell holds something."""
    return np.asarray(texts.str.strip() != "", dtype=float)


def _answer(texts: pd.Series, yes: str, known: Sequence[str] = ()) -> NDArray[np.float64]:
    """1 where a cell holds an answer; others than the known ones, if these are named, are refused.

    Raises
    ------
    InputError
        If a cell holds another answer.
    """
    found = texts.str.strip()
    wrong = found[~found.isin(known)] if known else found[found == ""]
    if len(wrong):
        where = f"{texts.name} of segment {wrong.index[0] + 1}"
        raise InputError("unknown answer", where=where, expected=known or yes, got=wrong.iloc[0])
    return np.asarray(found == yes, dtype=float)


def _terms(texts: pd.Series) -> dict[str, NDArray[np.float64]]:
    """Which segments have each of the terms, listed with commas, that enough of them have."""
    lists = [{term.strip() for term in text.split(",")} - {""} for text in texts]
    counts = pd.Series([term for terms in lists for term in sorted(terms)], dtype=str)
    often = counts.value_counts()
    return {
        str(term): np.array([float(term in terms) for terms in lists])
        for term in sorted(often.index[often >= FEWEST])
    }
