"""Words or sentences of a laboratory and what they evoke, as a recording."""

from pathlib import Path

import numpy as np
import pandas as pd

from stages.core.params.schema import PrepareStory
from stages.core.recording.types import SAMPLE_COLUMNS, Cleaning, Recording, Subject
from stages.core.run.errors import InputError
from stages.core.run.tables import check_same_ids
from stages.prepare.lexical import lexical_features, nuisance_variables, text_nuisance
from stages.prepare.subjects import STORY, check_subjects, clean_targets, drop_unusable
from stages.prepare.tables.lab_events import answers_of, as_written, shared_places
from stages.prepare.tables.lab_people import Lab, open_lab, read_people
from stages.prepare.tables.lab_responses import Measured
from stages.prepare.tables.lab_samples import read_lab_samples, sample_of_word
from stages.prepare.tables.lab_stimuli import read_words
from stages.prepare.tables.lab_variables import read_variables

DATASET = "table"


def load_table(raw: Path, settings: PrepareStory) -> Recording:
    """Load words and responses: a time series if there is a table of samples, events otherwise.

    A time series is cleaned run by run. Events are taken as they are, but that repeats of a
    stimulus are averaged: whether runs or sessions are standardised is for who wrote them. Features
    and nuisance variables are those of the folder, and where it has none, how long and how frequent
    in English words are, and of events, where they stand in their run.

    Parameters
    ----------
    raw : Path
    settings : PrepareStory

    Raises
    ------
    InputError
        If a file is missing or damaged, files contradict each other, or smoothing is asked for.
    """
    if settings.smoothing:
        where = "params.yaml: story.prepare.smoothing"
        raise InputError("no voxels to smooth", where=where, expected=f"0 for {DATASET}")
    lab = open_lab(raw)
    return _series(lab, settings) if "samples" in lab.tables else _events(lab, settings)


def _series(lab: Lab, settings: PrepareStory) -> Recording:
    stimuli = read_words(lab.table("stimuli"), timed=True)
    samples, tr = read_lab_samples(lab.table("samples"))
    stimuli["sample"] = sample_of_word(stimuli, samples, tr, lab.table("stimuli"))
    _check_filter(settings, tr)
    people = read_people(lab, settings.subjects, STORY)
    cleaning = Cleaning(settings.detrend, settings.high_pass, standardize=True)
    runs, subjects = samples["run"].to_numpy(), []
    for name, (measured, described) in people.items():
        _check_rows(measured, samples, lab)
        series, targets = drop_unusable(measured.series, described, runs, name)
        both = clean_targets(series, targets, runs, tr, cleaning=cleaning, subject=name)
        subjects.append(Subject(name, *both))
    return Recording(
        dataset=DATASET,
        kind="timeseries",
        tr=tr,
        cleaning=cleaning,
        stimuli=stimuli,
        samples=samples,
        subjects=check_subjects(subjects, DATASET),
        features=_variables(lab, "features", lexical_features(stimuli)),
        nuisance=_variables(lab, "nuisance", nuisance_variables(stimuli)),
        sources=lab.sources(people),
    )


def _check_filter(settings: PrepareStory, tr: float) -> None:
    """Raise `InputError` if samples are too far apart for what is to be filtered out."""
    if 0 < settings.high_pass <= 2 * tr:
        raise InputError(
            "samples too far apart to be filtered",
            where="params.yaml: story.prepare.high_pass",
            expected=f"0, or more than {2 * tr:g} s",
            got=settings.high_pass,
        )


def _check_rows(measured: Measured, samples: pd.DataFrame, lab: Lab) -> None:
    """Raise `InputError` unless there is a row for every sample, in their order."""
    where = lab.table("samples")
    if measured.ids is not None:
        do = "Rows of a time series are samples: leave `id` out, or name the samples by it."
        check_same_ids(list(samples["id"]), measured.ids, where, measured.path, do)
    if len(measured.series) != len(samples):
        expected = f"{len(samples)} rows as in {where}"
        raise InputError(
            "other samples", where=measured.path, expected=expected, got=len(measured.series)
        )


def _events(lab: Lab, settings: PrepareStory) -> Recording:
    stimuli = read_words(lab.table("stimuli"), timed=False)
    ids = list(stimuli["id"])
    people = answers_of(read_people(lab, settings.subjects, STORY), ids, lab.root)
    answers = {name: found for name, (found, _) in people.items()}
    places = shared_places(answers, ids, lab.root)
    stimuli["sample"] = np.where(np.isin(np.arange(len(ids)), places), stimuli["id"], "")
    subjects = [
        Subject(name, *as_written(found.at(places), targets, name))
        for name, (found, targets) in people.items()
    ]
    samples = stimuli.loc[stimuli["sample"] != "", list(SAMPLE_COLUMNS)].reset_index(drop=True)
    return Recording(
        dataset=DATASET,
        kind="events",
        tr=None,
        cleaning=None,
        stimuli=stimuli,
        samples=samples,
        subjects=check_subjects(subjects, DATASET),
        features=_variables(lab, "features", lexical_features(stimuli)),
        nuisance=_variables(lab, "nuisance", text_nuisance(stimuli)),
        sources=lab.sources(people),
    )


def _variables(lab: Lab, name: str, lexical: pd.DataFrame) -> pd.DataFrame:
    """Variables that the folder brings, or else those that words have by themselves."""
    if name not in lab.tables:
        return lexical
    ids = list(lexical["id"])
    return read_variables(lab.tables[name], ids, typed=name == "features")
