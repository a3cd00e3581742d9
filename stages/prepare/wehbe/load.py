"""The Harry Potter recordings of Wehbe et al. (2014), and simulated ones in their format."""

import logging
import re
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from stages.core.names.aal import NOT_LABELLED
from stages.core.params.schema import PrepareStory
from stages.core.recording.types import Cleaning, Recording, Subject
from stages.core.run.errors import InputError
from stages.core.run.files import sha256
from stages.prepare.inner_paths import UNSEEN
from stages.prepare.lexical import nuisance_variables
from stages.prepare.smoothing import smooth
from stages.prepare.subjects import (
    check_subjects,
    clean_targets,
    drop_unusable,
    select_subjects,
)
from stages.prepare.timing import scan_of_word
from stages.prepare.usable_targets import drop_targets
from stages.prepare.wehbe.feature_file import read_features
from stages.prepare.wehbe.subject_file import RawSubject, read_subject

logger = logging.getLogger("concord.prepare")

FEATURES = "story_features.mat"
SUBJECT = re.compile(r"subject_([1-9]\d*)\.mat")


def load_wehbe(folder: Path, dataset: str, settings: PrepareStory) -> Recording:
    """Load `subject_<n>.mat` and `story_features.mat` from a folder.

    Parameters
    ----------
    folder : Path
    dataset : str
        Name of the recording.
    settings : PrepareStory

    Raises
    ------
    InputError
        If a file is missing or damaged, subjects saw other words or times than the first one,
        or the data do not fit together.
    """
    names = select_subjects(settings.subjects, find_subjects(folder))
    paths = [folder / f"{name}.mat" for name in names]
    first = read_subject(paths[0])
    stimuli, samples, kept = story(first)
    features = read_features(folder / FEATURES, len(stimuli))
    features.insert(0, "id", stimuli["id"])
    cleaning = Cleaning(settings.detrend, settings.high_pass, standardize=True)
    subjects = (
        prepare_subject(raw, kept, cleaning, settings.smoothing)
        for raw in _same_story(first, paths)
    )
    return Recording(
        dataset=dataset,
        kind="timeseries",
        tr=first.tr,
        cleaning=cleaning,
        stimuli=stimuli,
        samples=samples,
        subjects=check_subjects(subjects, str(folder)),
        features=features,
        nuisance=nuisance_variables(stimuli),
        sources={path.name: sha256(path) for path in [*paths, folder / FEATURES]},
    )


def find_subjects(folder: Path) -> list[str]:
    """Names of the subjects whose files lie in a folder, by number.

    Raises
    ------
    InputError
        If there is none, or a .mat file of another name, which may be a subject's.
    """
    found = sorted(path.name for path in folder.glob("*.mat") if path.name != FEATURES)
    expected = f"subject_<number>.mat and {FEATURES}"
    for name in found:
        if not SUBJECT.fullmatch(name):
            raise InputError(
                "unknown file",
                where=folder,
                expected=expected,
                got=name,
                do="Give it back its name, or move it away.",
            )
    if not found:
        raise InputError(
            "no subject's file",
            where=folder,
            expected=expected,
            do=f"data/raw/wehbe/README.md says where to obtain them. {UNSEEN}",
        )
    numbers = sorted(int(SUBJECT.sub(r"\1", name)) for name in found)
    return [f"subject_{number}" for number in numbers]


def story(raw: RawSubject) -> tuple[pd.DataFrame, pd.DataFrame, NDArray[np.intp]]:
    """Stimuli, samples, and the indices of the scans that show words.

    Returns
    -------
    stimuli, samples : DataFrame
    kept : ndarray of int, shape (n_samples,)

    Raises
    ------
    InputError
        If a word began outside every scan, or a run has no words.
    """
    words = raw.words
    scan = scan_of_word(words["onset"].to_numpy(), raw.scans, raw.tr)
    if (scan < 0).any():
        at = int((scan < 0).argmax())
        raise InputError(
            "word outside every scan",
            where=f"{raw.name}, word {at} ({words['text'][at]!r})",
            got=f"onset {words['onset'][at]:g} s",
        )
    kept = np.unique(scan)
    silent = set(raw.runs) - set(raw.runs[kept])
    if silent:
        raise InputError("run without words", where=raw.name, got=f"run {min(silent)}")
    logger.info("%d of %d scans kept: no word began in the others", len(kept), len(raw.scans))
    ids = np.array([f"t{index:04d}" for index in range(len(raw.scans))])
    stimuli = pd.DataFrame(
        {
            "id": [f"w{index:05d}" for index in range(len(words))],
            "text": words["text"],
            "run": raw.runs[scan],
            "onset": words["onset"],
            "duration": words["duration"],
            "sample": ids[scan],
        }
    )
    samples = pd.DataFrame({"id": ids[kept], "run": raw.runs[kept], "onset": raw.scans[kept]})
    return stimuli, samples, kept


def _same_story(first: RawSubject, paths: Sequence[Path]) -> Iterator[RawSubject]:
    """Read every subject, the first one being read already."""
    yield first
    for path in paths[1:]:
        raw = read_subject(path)
        check_same_story(first, raw)
        yield raw


def check_same_story(first: RawSubject, other: RawSubject) -> None:
    """Raise `InputError` unless two subjects saw the same words in the same scans."""
    where = f"{first.name} and {other.name}"
    for what, left, right in (
        ("scans", first.scans, other.scans),
        ("runs", first.runs, other.runs),
        ("words", first.words["onset"].to_numpy(), other.words["onset"].to_numpy()),
    ):
        _check_equal(what, left, right, where)
    texts, others = first.words["text"], other.words["text"]
    differ = (texts.map(letters) != others.map(letters)).to_numpy()
    if differ.any():
        at = int(differ.argmax())
        raise InputError(
            "other words",
            where=f"{where}, word {at}",
            expected=repr(texts[at]),
            got=repr(others[at]),
        )
    spelled = int((texts != others).sum())
    if spelled:
        logger.info("%s: %d words spelled otherwise than in %s", other.name, spelled, first.name)


def letters(token: str) -> str:
    """Keep the letters and digits: dashes, dots and quotes differ between subjects' files."""
    return "".join(character for character in token if character.isalnum())


def _check_equal(what: str, left: NDArray[Any], right: NDArray[Any], where: str) -> None:
    if len(left) != len(right):
        raise InputError(f"other {what}", where=where, expected=len(left), got=len(right))
    differ = left != right
    if differ.any():
        at = int(differ.argmax())
        raise InputError(
            f"other {what}", where=f"{where}, number {at}", expected=left[at], got=right[at]
        )


def prepare_subject(
    raw: RawSubject, kept: NDArray[np.intp], cleaning: Cleaning, smoothing: float
) -> Subject:
    """Keep the scans that show words and the voxels that can be used, smooth and clean them.

    Voxels that are not finite or constant go before the smoothing, which would spread them;
    voxels outside the atlas go after it, since their neighbours use them.
    """
    runs = raw.runs[kept]
    series, targets = drop_unusable(raw.data[kept], raw.targets, runs, raw.name)
    if smoothing and len(targets):
        voxels = targets[["i", "j", "k"]].to_numpy(np.int64)
        series = smooth(series, voxels, raw.shape, raw.affine, smoothing)
    outside = (targets["region"] == NOT_LABELLED).to_numpy()
    series, targets = drop_targets(series, targets, outside, raw.name, "outside every region")
    responses, targets = clean_targets(
        series, targets, runs, raw.tr, cleaning=cleaning, subject=raw.name
    )
    return Subject(raw.name, responses, targets, raw.affine, raw.shape)
