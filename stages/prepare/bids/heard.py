"""Which runs are of the same words, whatever their numbers, and which of them everybody has.

People often meet the runs of a study in different orders, so that the number of a run says when it
was recorded and not what was heard. Two runs are one here if their words are the same, at the same
times, as far as both were scanned.
"""

import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from pathlib import Path

import numpy as np
import pandas as pd

from stages.core.run.errors import InputError
from stages.prepare.bids.find_runs import Run

log = logging.getLogger("concord.prepare")

# Volumes by which runs of the same words may differ; the longer are cut.
TRIM = 2
# Of the words of a run, those that may lie outside its scans.
OUTSIDE = 0.1
# Of a repetition time: the same word may begin so much earlier or later for another person.
JITTER = 0.1
# Two runs that share so many of their first words, in order, were meant to be the same.
MEANT = 0.8
FIRST = 300


@dataclass(frozen=True)
class Heard:
    """A run and the words that were heard or read in it.

    Attributes
    ----------
    run : Run
    words : DataFrame
        Columns text, onset and duration; those inside the scans.
    n_volumes : int
    annotations : tuple of Path
        Files of the words beside the table of events.
    """

    run: Run
    words: pd.DataFrame
    n_volumes: int
    annotations: tuple[Path, ...] = ()


@dataclass(frozen=True)
class Passage:
    """What was heard in runs of the same words.

    Attributes
    ----------
    name : str
        A number, by first appearance.
    words : DataFrame
        Of the first run, as far as all runs were scanned.
    n_volumes : int
        Of the shortest run.
    runs : dict of str to list of Run
        By subject; more than one where somebody met the words again.
    """

    name: str
    words: pd.DataFrame
    n_volumes: int
    runs: Mapping[str, list[Run]]


def words_in_scans(words: pd.DataFrame, n_volumes: int, tr: float, run: Run) -> pd.DataFrame:
    """Leave out, by name, the words that began before the first scan or after the last.

    Raises
    ------
    InputError
        If they are more than a tenth of all.
    """
    outside = (words["onset"] < 0) | (words["onset"] >= n_volumes * tr)
    if not outside.any():
        return words
    first = words[outside].iloc[0]
    got = (
        f"{int(outside.sum())} of {len(words)}, the first {first['text']!r} at "
        f"{first['onset']:g} s of {n_volumes * tr:g} s"
    )
    if outside.mean() > OUTSIDE:
        raise InputError(
            f"words outside the scans in {run.label}",
            got=got,
            do="Is this the right run? See bids.offset.",
        )
    log.warning("%s: words outside the scans left out: %s", run.label, got)
    return words[~outside].reset_index(drop=True)


def passages(heard: Sequence[Heard], tr: float) -> list[Passage]:
    """Group runs by the words that were heard in them, in the order of their first appearance.

    Raises
    ------
    InputError
        If runs that are nearly the same differ in a word, or in length by more than `TRIM`.
    """
    groups: list[list[Heard]] = []
    for one in heard:
        same = [group for group in groups if difference(group[0], one, tr) is None]
        if same:
            same[0].append(one)
            continue
        for group in groups:
            _refuse_near(group[0], one, tr)
        groups.append([one])
    return [_passage(str(number), group, tr) for number, group in enumerate(groups, start=1)]


def difference(one: Heard, other: Heard, tr: float) -> int | None:
    """Find the first word in which two runs differ while both were scanned; None if in no word."""
    until = min(one.n_volumes, other.n_volumes) * tr
    left, right = (
        words[words["onset"] < until - JITTER * tr] for words in (one.words, other.words)
    )
    n = min(len(left), len(right))
    differ = (left["text"].to_numpy()[:n] != right["text"].to_numpy()[:n]) | (
        np.abs(left["onset"].to_numpy()[:n] - right["onset"].to_numpy()[:n]) > JITTER * tr
    )
    if differ.any():
        return int(differ.argmax())
    rest = left["onset"].iloc[n:].tolist() + right["onset"].iloc[n:].tolist()
    return n if any(onset < until - 2 * JITTER * tr for onset in rest) else None


def _refuse_near(one: Heard, other: Heard, tr: float) -> None:
    """Raise `InputError` where two runs have most words in common, and not all, or not in time."""
    at = difference(one, other, tr)
    ours, theirs = (heard.words["text"].tolist()[:FIRST] for heard in (one, other))
    alike = SequenceMatcher(None, ours, theirs, autojunk=False).ratio()
    if at is None or alike < MEANT:
        return
    told = [
        f"{words['text'].iloc[at]!r} at {words['onset'].iloc[at]:g} s"
        if at < len(words)
        else "no word"
        for words in (one.words, other.words)
    ]
    texts = {words["text"].iloc[at] for words in (one.words, other.words) if at < len(words)}
    what, do = ("different words", "Correct the table, or leave one of the two out.")
    if len(texts) == 1 and "no word" not in told:
        what = "the same words at different times"
        do = f"At most {JITTER * tr:g} s apart they are one. Is 0 the first volume of both?"
    raise InputError(
        f"people heard {what} in {one.run.label} and {other.run.label}",
        expected=told[0],
        got=f"{told[1]}, word {at + 1}",
        do=do,
    )


def _passage(name: str, group: Sequence[Heard], tr: float) -> Passage:
    lengths = [one.n_volumes for one in group]
    n = min(lengths)
    if max(lengths) - n > TRIM:
        longest, shortest = (group[lengths.index(length)].run.label for length in (max(lengths), n))
        raise InputError(
            "runs of the same words differ in length",
            where=shortest,
            expected=f"{max(lengths)} volumes as in {longest}",
            got=n,
            do="Leave the run out by moving it away, or the person with story.prepare.subjects.",
        )
    if max(lengths) > n:
        log.warning("run %s: cut to %d volumes, as in the shortest", name, n)
    runs: dict[str, list[Run]] = {}
    for one in group:
        runs.setdefault(one.run.subject, []).append(one.run)
    for subject, repeats in runs.items():
        if len(repeats) > 1:
            labels = "; ".join(run.label for run in repeats)
            log.info("%s met run %s more than once, and is averaged: %s", subject, name, labels)
    words = group[0].words
    kept = words[words["onset"] < n * tr].reset_index(drop=True)
    return Passage(name, kept, n, runs)


def complete(
    found: Sequence[Passage], subjects: Sequence[str], incomplete: str
) -> tuple[list[Passage], list[str]]:
    """Keep what everybody has: leave out runs that someone lacks, or people who lack a run.

    Parameters
    ----------
    found : sequence of Passage
    subjects : sequence of str
    incomplete : `runs` or `subjects`

    Returns
    -------
    passages : list of Passage
    subjects : list of str

    Raises
    ------
    InputError
        If nothing is left.
    """
    lacking = {name: [one.name for one in found if name not in one.runs] for name in subjects}
    lacking = {name: runs for name, runs in lacking.items() if runs}
    told = ", ".join(f"{name} lacks {' and '.join(runs)}" for name, runs in lacking.items())
    if incomplete == "subjects":
        kept = [name for name in subjects if name not in lacking]
        if not kept:
            raise InputError(
                "nobody has every run", got=told, do="Set bids.incomplete: runs, or bids.tasks."
            )
        for name in lacking:
            log.warning("%s excluded: lacks run %s", name, " and ".join(lacking[name]))
        return list(found), kept
    shared = [one for one in found if all(name in one.runs for name in subjects)]
    if not shared:
        raise InputError(
            "no run that everybody has",
            got=told,
            do="Leave people out with story.prepare.subjects, or set bids.incomplete: subjects.",
        )
    for one in found:
        if one not in shared:
            without = [name for name in subjects if name not in one.runs]
            log.warning("run %s left out: %s lacks it", one.name, " and ".join(without))
    return shared, list(subjects)
