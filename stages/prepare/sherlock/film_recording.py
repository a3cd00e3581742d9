"""A film and those who watch it, as a recording of the texts that describe it."""

import logging
import re
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from stages.core.names.story_regions import PMC_VOXELS, SHERLOCK_REGIONS
from stages.core.params.schema import PrepareStory
from stages.core.recording.types import Cleaning, Recording, Subject
from stages.core.run.errors import InputError
from stages.core.run.files import sha256
from stages.prepare.sherlock.annotations import segment_features, segment_nuisance
from stages.prepare.sherlock.film_responses import (
    Array,
    read_courses,
    read_mask,
    read_voxels,
    region_targets,
    shared_scans,
    voxel_targets,
)
from stages.prepare.sherlock.segments import read_segments, segment_stimuli, shared_beginning
from stages.prepare.subjects import check_subjects, clean_targets, drop_unusable, select_subjects

logger = logging.getLogger("concord.prepare")

SEGMENTS = "sherlock2017/subjects/Sherlock_Segments_1000_NN_2017.xlsx"
MASK = "sherlock2017/standard/pmc_nn.nii"
COURSES = "sherlock2017/roicorr/{}_sherlock_movie_roicorr.mat"
# Seconds that are none: times are seconds in floating point.
TOUCH = 1e-6
VOXELS = re.compile(r".*/pmc_nn_sherlock_movie_(s\d+)\.mat")
PEOPLE = tuple(f"s{number}" for number in range(1, 18))
TR = 1.5
# Of the two runs, which the release concatenates.
SCANS = (946, 1030)
# Three TRs, by which the release moves the responses back.
SHIFTED = 3 * TR


def load_sherlock(files: Mapping[str, Path], settings: PrepareStory) -> Recording:
    """Load six regions of 17 people, the voxels of one region of four, and the segments.

    A stimulus is the description of a segment of the film, which nobody reads: what it shares with
    a brain is what the segment shows. Responses come moved back by three TRs and standardised.
    Scans of the cartoon before each part of the film, the same both times, are left out, and those
    that one of the chosen people lacks.

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
            "voxels of one region are not smoothed",
            where="params.yaml: story.prepare.smoothing",
            expected="0 for sherlock2017",
        )
    names = select_subjects(settings.subjects, PEOPLE)
    regions = {region: files[COURSES.format(region)] for region in SHERLOCK_REGIONS}
    everyone = dict(zip(PEOPLE, read_courses(regions, sum(SCANS), len(PEOPLE)), strict=True))
    courses = {name: everyone[name] for name in names}
    table = read_segments(files[SEGMENTS], TR)
    kept = kept_scans(scan_table(SCANS), table, shared_scans(courses))
    samples = scan_table(SCANS)[kept].reset_index(drop=True)
    by_voxel = {found[1]: name for name in files if (found := VOXELS.fullmatch(name))}
    used = {name: by_voxel[name] for name in names if name in by_voxel}
    cleaning = Cleaning(settings.detrend, settings.high_pass, standardize=True)
    voxels = {name: files[path] for name, path in used.items()}
    people = prepare_people(courses, files[MASK], voxels, kept, cleaning)
    stimuli = segment_stimuli(table, samples, TR)
    read = (SEGMENTS, MASK, *(COURSES.format(region) for region in regions), *used.values())
    return Recording(
        dataset="sherlock2017",
        kind="timeseries",
        tr=TR,
        cleaning=cleaning,
        stimuli=stimuli,
        samples=samples,
        subjects=check_subjects(people, "sherlock2017"),
        features=segment_features(table, list(stimuli["id"])),
        nuisance=segment_nuisance(table, stimuli),
        sources={name: sha256(files[name]) for name in read},
        shifted=SHIFTED,
    )


def kept_scans(scans: pd.DataFrame, segments: pd.DataFrame, n_recorded: int) -> NDArray[np.bool_]:
    """Keep the first recorded scans, but for those that show what begins every run.

    Raises
    ------
    InputError
        If segments are of other runs than scans.
    """
    runs, told = (list(table["run"].unique()) for table in (scans, segments))
    if told != runs:
        raise InputError(
            "segments of other runs", where=SEGMENTS, expected=", ".join(runs), got=", ".join(told)
        )
    new = scans["onset"] >= scans["run"].map(shared_beginning(segments)) - TOUCH
    if not new.all():
        logger.info(
            "%d of %d scans are left out: they show what every run begins with",
            *(int((~new).sum()), len(scans)),
        )
    return np.asarray(new & (np.arange(len(scans)) < n_recorded))


def scan_table(scans: Sequence[int]) -> pd.DataFrame:
    """Make the samples, numbered from 1 throughout; the seconds of each run begin at 0."""
    runs = np.repeat(np.arange(1, len(scans) + 1).astype(str), scans)
    within = np.concatenate([np.arange(n) for n in scans])
    ids = [f"tr{number:04d}" for number in range(1, len(runs) + 1)]
    return pd.DataFrame({"id": ids, "run": runs, "onset": TR * within})


def prepare_people(
    courses: Mapping[str, Array],
    mask: Path,
    voxels: Mapping[str, Path],
    kept: NDArray[np.bool_],
    cleaning: Cleaning,
) -> Iterator[Subject]:
    """Put regions and, of those who have them, voxels side by side, and clean them.

    Parameters
    ----------
    courses : mapping of str to ndarray, shape (n_scans, n_regions)
        By person.
    mask : Path
        Of the voxels.
    voxels : mapping of str to Path
        Files of responses, by person.
    kept : ndarray of bool, shape (n_scans,)
    cleaning : Cleaning
    """
    places, affine, shape = read_mask(mask)
    regional, within = region_targets(SHERLOCK_REGIONS), voxel_targets(places, affine, PMC_VOXELS)
    for name, series in courses.items():
        if name in voxels:
            both = [series, read_voxels(voxels[name], len(places), len(series))]
            targets = pd.concat([regional, within], ignore_index=True)
            responses, targets = _cleaned(np.hstack(both), targets, kept, cleaning, name)
            yield Subject(name, responses, targets, affine, shape)
        else:
            yield Subject(name, *_cleaned(series, regional, kept, cleaning, name))


def _cleaned(
    series: Array, targets: pd.DataFrame, kept: NDArray[np.bool_], cleaning: Cleaning, name: str
) -> tuple[NDArray[np.float32], pd.DataFrame]:
    """Keep some scans and the targets that can be used, and clean them."""
    runs = scan_table(SCANS)["run"].to_numpy()[kept]
    usable, targets = drop_unusable(series[kept], targets, runs, name)
    return clean_targets(usable, targets, runs, TR, cleaning=cleaning, subject=name)
