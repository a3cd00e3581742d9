"""What will be studied of a dataset: who, which runs, which words, by which clock.

All that can be known before a single image is read, so that whoever sets the parameters can look.
"""

import logging
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import numpy as np
import pandas as pd

from stages.core.params.bids_section import Bids
from stages.core.run.errors import InputError
from stages.core.run.progress import progress
from stages.prepare.bids.bids_tables import read_bids_table
from stages.prepare.bids.confounds import count_dummies
from stages.prepare.bids.dataset_files import Dataset
from stages.prepare.bids.find_runs import Run, find_runs
from stages.prepare.bids.heard import Heard, Passage, complete, passages, words_in_scans
from stages.prepare.bids.run_timing import RunTiming, agreed_timing, run_timing
from stages.prepare.bids.word_annotations import annotated_words
from stages.prepare.bids.word_events import read_word_events
from stages.prepare.series.run_series import series_length
from stages.prepare.subjects import select_subjects

log = logging.getLogger("concord.prepare")

EVENTS = "events"


@dataclass(frozen=True)
class Plan:
    """What is studied.

    Attributes
    ----------
    passages : list of Passage
        What everybody heard or read.
    subjects : list of str
    timing : RunTiming
    dummies : int
        First volumes of every run that are dropped.
    annotations : tuple of Path
        Files of words beside the tables of events.
    """

    passages: list[Passage]
    subjects: list[str]
    timing: RunTiming
    dummies: int
    annotations: tuple[Path, ...] = ()


def make_plan(data: Dataset, settings: Bids, requested: Literal["all"] | list[str]) -> Plan:
    """Find out what will be studied.

    Raises
    ------
    InputError
        If files are missing or contradict each other, or nothing is left.
    """
    runs = find_runs(data, settings)
    present = list(dict.fromkeys(run.subject for run in runs))
    names = select_subjects(requested, present)
    runs = [run for run in runs if run.subject in names]
    timing = agreed_timing(runs, [run_timing(run, settings) for run in runs])
    heard = [_heard(run, data, settings, timing.tr) for run in progress(runs, "runs")]
    kept, people = complete(passages(heard, timing.tr), names, settings.incomplete)
    if len(people) < len(names):
        heard = [one for one in heard if one.run.subject in people]
        kept = passages(heard, timing.tr)
    used = [run for one in kept for name in people for run in one.runs[name]]
    dummies = _dummies(used) if settings.dummies == "auto" else settings.dummies
    short = [one.name for one in kept if one.n_volumes <= dummies]
    if short:
        raise InputError("nothing but dummies", where=f"run {short[0]}", got=f"{dummies} dummies")
    if dummies:
        log.info("first %d volumes of every run dropped", dummies)
    _tell_length(kept)
    annotations = {path for one in heard for path in one.annotations}
    return Plan(kept, people, timing, dummies, tuple(sorted(annotations)))


def _tell_length(kept: Sequence[Passage]) -> None:
    """Say so where a row is no word: a sentence is one stimulus, whose words have no times."""
    words = np.median([len(text.split()) for one in kept for text in one.words["text"]])
    if words > 1:
        log.info("%g words a row in the median: contexts count rows", words)


def _heard(run: Run, data: Dataset, settings: Bids, tr: float) -> Heard:
    n_volumes = series_length(run.image)
    if settings.offset == "auto":
        _check_whole(run, n_volumes)
    words, annotations = run_words(run, data, settings)
    words = words_in_scans(words, n_volumes, tr, run)
    return Heard(run, words, n_volumes, tuple(annotations))


def run_words(run: Run, data: Dataset, settings: Bids) -> tuple[pd.DataFrame, list[Path]]:
    """Read the words of a run: text, onset from the first volume, duration; and name their files.

    Raises
    ------
    InputError
        If there are none.
    """
    offset = None if settings.offset == "auto" else settings.offset
    if settings.words != EVENTS:
        entities = run.name.written
        return annotated_words(
            data.root,
            settings.words,
            settings.column,
            entities=entities,
            events=run.events,
            rows=settings.rows,
            offset=offset,
        )
    if run.events is None:
        raise InputError(
            f"no events for {run.label}",
            expected="an _events.tsv in the dataset, not the derivative",
            do="Add it, or set bids.words.",
        )
    words = read_word_events(run.events, settings.column, settings.rows)
    return words.assign(onset=words["onset"] + (offset or 0.0)), []


def _check_whole(run: Run, n_volumes: int) -> None:
    """Raise `InputError` if volumes are missing that the raw image has: times count from its first.

    A raw image that is not there cannot be compared.
    """
    if run.raw is None:
        return
    try:
        n_raw = series_length(run.raw)
    except InputError as error:
        log.info("%s: not compared with its raw image: %s", run.label, error)
        return
    if n_volumes < n_raw:
        raise InputError(
            "volumes cut from the beginning or the end",
            where=run.label,
            expected=f"{n_raw} as in {run.raw}",
            got=n_volumes,
            do="Set bids.offset: 0 if they were cut from the end, less what was cut if not.",
        )


def _dummies(runs: Sequence[Run]) -> int:
    tables = [run.confounds for run in runs if run.confounds is not None]
    return max((count_dummies(read_bids_table(path)) for path in tables), default=0)
