"""Alice in Wonderland: fMRI of 28 listeners in six regions (Brennan et al. 2016)."""

import re
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from stages.core.names.story_regions import ALICE_REGIONS
from stages.core.names.vocabulary import GROUP
from stages.core.params.schema import PrepareStory
from stages.core.recording.types import Cleaning, Recording, Subject
from stages.core.run.errors import InputError
from stages.core.run.files import sha256
from stages.prepare.lexical import lexical_features, nuisance_variables
from stages.prepare.subjects import (
    check_subjects,
    clean_targets,
    drop_unusable,
    select_subjects,
)
from stages.prepare.textgrid import read_textgrid, spoken_words
from stages.prepare.timing import scan_of_word
from stages.prepare.usable_targets import target_table

TEXTGRID = "alice2016/DownTheRabbitHoleFinal_exp120_pad_1.TextGrid"
SCANS = 362
TR = 2.0
# The ten volumes before the story were discarded: scan 0 begins here in the TextGrid's time.
START = 20.0
RUN = "1"
_SUBJECT = re.compile(r".*/roi_10mm/(s\d+)-timecourses\.txt")


def load_alice(files: Mapping[str, Path], settings: PrepareStory) -> Recording:
    """Load the time courses and the TextGrid.

    Every scan is kept, since the story lasts from the first to the last one. The subject `group`
    is the average of the others in per cent signal change, cleaned as they are.

    Parameters
    ----------
    files : mapping of str to Path
        By name in the mirror folder.
    settings : PrepareStory

    Raises
    ------
    InputError
        If a file is damaged, or smoothing is asked for.
    """
    if settings.smoothing:
        raise InputError(
            "no voxels to smooth",
            where="params.yaml: story.prepare.smoothing",
            expected="0 for alice",
        )
    courses = {found[1]: name for name in files if (found := _SUBJECT.fullmatch(name))}
    names = select_subjects(settings.subjects, sorted(courses))
    samples = scan_table()
    stimuli = word_table(spoken_words(read_textgrid(files[TEXTGRID])), samples)
    cleaning = Cleaning(settings.detrend, settings.high_pass, standardize=True)
    raw = {name: read_time_courses(files[courses[name]]) for name in names}
    prepared = (prepare_subject(name, series, cleaning) for name, series in raw.items())
    subjects = check_subjects(prepared, "alice")
    if len(subjects) > 1:
        subjects.append(prepare_subject(GROUP, signal_change(subjects, raw), cleaning))
    return Recording(
        dataset="alice",
        kind="timeseries",
        tr=TR,
        cleaning=cleaning,
        stimuli=stimuli,
        samples=samples,
        subjects=subjects,
        features=lexical_features(stimuli),
        nuisance=nuisance_variables(stimuli),
        sources={name: sha256(files[name]) for name in (TEXTGRID, *(courses[n] for n in names))},
    )


def scan_table() -> pd.DataFrame:
    """Make the samples: scan k begins 20 + 2k seconds into the TextGrid."""
    return pd.DataFrame(
        {
            "id": [f"t{scan:04d}" for scan in range(SCANS)],
            "run": RUN,
            "onset": START + TR * np.arange(SCANS),
        }
    )


def word_table(words: pd.DataFrame, samples: pd.DataFrame) -> pd.DataFrame:
    """Make stimuli of spoken words; the sample of a word outside the scans is empty."""
    scan = scan_of_word(words["onset"].to_numpy(), samples["onset"].to_numpy(), TR)
    ids = samples["id"].to_numpy()
    return pd.DataFrame(
        {
            "id": [f"w{index:05d}" for index in range(len(words))],
            "text": words["text"],
            "run": RUN,
            "onset": words["onset"],
            "duration": words["duration"],
            "sample": np.where(scan < 0, "", ids[scan]),
        }
    )


def read_time_courses(path: Path) -> NDArray[np.float64]:
    """Read a subject's time courses, shape (362, 6).

    Raises
    ------
    InputError
        If the file does not hold a table of numbers of that shape.
    """
    try:
        courses = np.loadtxt(path, ndmin=2)
    except ValueError as error:
        raise InputError("unreadable time courses", where=path, got=error) from error
    expected = (SCANS, len(ALICE_REGIONS))
    if courses.shape != expected:
        raise InputError("wrong shape", where=path, expected=expected, got=courses.shape)
    return courses


def signal_change(
    subjects: Sequence[Subject], raw: Mapping[str, NDArray[np.float64]]
) -> NDArray[np.float64]:
    """Average the signal change, in per cent, of each region over the subjects that have it.

    Parameters
    ----------
    subjects : sequence of Subject
        Those who are kept, with the regions that are kept.
    raw : mapping of str to ndarray, shape (362, 6)
        Time courses by subject.

    Returns
    -------
    ndarray, shape (362, 6)
        A region that nobody has is constant.
    """
    total, count = np.zeros((SCANS, len(ALICE_REGIONS))), np.zeros(len(ALICE_REGIONS))
    for subject in subjects:
        has = np.isin(ALICE_REGIONS, subject.targets["region"])
        courses = raw[subject.name][:, has]
        total[:, has] += 100 * (courses / courses.mean(axis=0) - 1)
        count += has
    average: NDArray[np.float64] = total / np.maximum(count, 1)
    return average


def prepare_subject(name: str, courses: NDArray[np.float64], cleaning: Cleaning) -> Subject:
    """Drop the regions that cannot be used and clean the others."""
    runs = np.full(len(courses), RUN)
    table = target_table(ALICE_REGIONS, ALICE_REGIONS, [region[0] for region in ALICE_REGIONS])
    series, targets = drop_unusable(courses, table, runs, name)
    responses, targets = clean_targets(series, targets, runs, TR, cleaning=cleaning, subject=name)
    return Subject(name, responses, targets)
