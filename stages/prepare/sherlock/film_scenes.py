"""Scenes of a film: the patterns of voxels that they leave, and what segments say of them."""

from collections.abc import Mapping
from pathlib import Path

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from stages.core.names.story_regions import PMC_VOXELS
from stages.core.recording.types import Recording, Subject
from stages.core.run.files import sha256
from stages.prepare.sherlock.annotations import segment_features, segment_nuisance
from stages.prepare.sherlock.film_recording import MASK, SCANS, SEGMENTS, TR, VOXELS
from stages.prepare.sherlock.film_responses import Array, read_mask, read_voxels, voxel_targets
from stages.prepare.sherlock.scene_times import new_scenes, read_scenes, scenes_of_segments
from stages.prepare.sherlock.segments import read_segments, segment_texts
from stages.prepare.subjects import check_subjects, drop_unusable

SCENES = "sherlock2017/subjects/sherlock_allsubs_events.mat"


def load_film_scenes(files: Mapping[str, Path], dataset: str) -> Recording:
    """Load the scenes of Sherlock: patterns of the posterior medial voxels of four people.

    A sample is a scene, and a response the mean over its scans, which come moved back by three TRs
    and standardised. A stimulus is the description of a segment, of the scene that its middle is
    in: segments and scenes were told apart by different people, up to 3 s apart. What segments
    carry is averaged over a scene. The cartoon that both runs begin with is left out.

    Parameters
    ----------
    files : mapping of str to Path
        By name in the mirror folder.
    dataset : str

    Raises
    ------
    InputError
        If a file is damaged, or as `read_scenes` and `scenes_of_segments` do.
    """
    table = read_segments(files[SEGMENTS], TR)
    scenes = new_scenes(read_scenes(files[SCENES], SCANS, TR), table)
    stimuli = segment_texts(table).assign(sample=scenes_of_segments(table, scenes))
    places, affine, shape = read_mask(files[MASK])
    targets = voxel_targets(places, affine, PMC_VOXELS)
    voxels = {found[1]: name for name in files if (found := VOXELS.fullmatch(name))}
    people = []
    for person, name in voxels.items():
        series = read_voxels(files[name], len(places), sum(SCANS))
        means = scene_means(series, scenes)
        patterns, own = drop_unusable(means, targets, np.zeros(len(scenes)), person)
        people.append(Subject(person, patterns.astype(np.float32), own, affine, shape))
    return Recording(
        dataset=dataset,
        kind="events",
        tr=None,
        cleaning=None,
        stimuli=stimuli,
        samples=scenes[["id", "run", "onset"]],
        subjects=check_subjects(people, dataset),
        features=segment_features(table, list(stimuli["id"])),
        nuisance=segment_nuisance(table, stimuli).assign(position=np.arange(float(len(stimuli)))),
        sources={name: sha256(files[name]) for name in (SEGMENTS, SCENES, MASK, *voxels.values())},
    )


def scene_means(series: NDArray[np.floating], scenes: pd.DataFrame) -> Array:
    """Average series over the scans of each scene.

    Parameters
    ----------
    series : ndarray, shape (n_scans, n_voxels)
    scenes : DataFrame
        Columns first and last, scans counted from 0.

    Returns
    -------
    ndarray, shape (n_scenes, n_voxels)
    """
    stretches = zip(scenes["first"], scenes["last"], strict=True)
    return np.stack([series[first : last + 1].mean(axis=0) for first, last in stretches])
