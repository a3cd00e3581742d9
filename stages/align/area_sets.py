"""Areas of everybody, of the images that all of them saw: whole, and of each hemisphere."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import reduce

import numpy as np

from stages.align.repeat_ceilings import measurements
from stages.align.representation import FEWEST_ROWS, Features, Representation
from stages.align.sides import Ints, RegionSet, cut_sides
from stages.core.names.vocabulary import TRAIN
from stages.core.recording.types import Recording, Subject
from stages.core.results.area_alignment import HALVES, WHOLE
from stages.core.run.errors import InputError

SIDES = ("L", "R")  # as targets name hemispheres


@dataclass(frozen=True)
class AreaSet:
    """Areas of one person.

    Attributes
    ----------
    subject, split, parts : str
        Parts are `whole`, or `hemispheres`.
    regions, hemispheres : list of str
        Of each area; the hemisphere is empty where it has voxels in both, or none that says.
    representations : list of Representation
        Rows are the images that everybody saw, in the order of the stimuli.
    n : int
        How many images these are.
    again : ndarray of int, shape (n_again,)
        Rows of those of the images that were measured three times, ascending; none without repeats.
    single : list of ndarray, each of shape (3, n_again, n_voxels)
        Their three measurements, in the order of time.
    averaged : float
        Measurements behind a row of these, their harmonic mean; 1 where none are known.
    """

    subject: str
    split: str
    parts: str
    regions: list[str]
    hemispheres: list[str]
    representations: list[Representation]
    n: int
    again: Ints
    single: list[Features]
    averaged: float

    def retold(self, stimuli: Ints, time: int) -> list[Representation]:
        """Read the measurement of all areas at a time, of some of the stimuli in `again`."""
        rows = np.searchsorted(self.again, stimuli)
        return [single[time][rows] for single in self.single]


@dataclass(frozen=True)
class Shown:
    """The areas of everybody, and the stimuli that they are compared by.

    Attributes
    ----------
    dataset : str
    stimuli : ndarray of int, shape (n,)
        Rows of the stimuli.
    sets : list of AreaSet
        Of each person the whole areas and, where some lie in both, those of each hemisphere.
    """

    dataset: str
    stimuli: Ints
    sets: list[AreaSet]


def shared_areas(recording: Recording, min_voxels: int) -> Shown:
    """Cut out the areas of everybody, of the images that all saw and none was trained on.

    Raises
    ------
    InputError
        If people share too few images, or for what `cut_sides` raises.
    """
    sides = [side for side in cut_sides(recording, min_voxels) if side.split != TRAIN]
    common = reduce(np.intersect1d, [side.stimuli for side in sides]) if sides else np.array([])
    if len(common) < FEWEST_ROWS:
        raise InputError(
            "too few images that everybody saw",
            where=recording.dataset,
            expected=f"{FEWEST_ROWS} or more",
            got=len(common),
            do="Choose people or sessions that share images (scene.subjects, scene.sessions).",
        )
    sets = [one for side in sides for one in _sets_of(side, common, min_voxels)]
    return Shown(recording.dataset, common, sets)


def _sets_of(side: RegionSet, common: Ints, min_voxels: int) -> Iterator[AreaSet]:
    if side.dissimilarities:
        yield from _matrix_sets(side, common)
        return
    subject = side.sources[0][0]
    whole = [
        (region, _side_of(subject, columns), columns)
        for region, (_, _, columns) in zip(side.regions, side.sources, strict=True)
    ]
    halves = list(_halves(subject, whole, min_voxels))
    for parts, areas in ((WHOLE, whole), (HALVES, halves)):
        if areas:
            yield _area_set(side, parts, areas, common)


def _matrix_sets(side: RegionSet, common: Ints) -> Iterator[AreaSet]:
    known = side.representations()
    for name in dict.fromkeys(side.subjects):
        places = [k for k, subject in enumerate(side.subjects) if subject == name]
        regions, values = [side.regions[k] for k in places], [known[k] for k in places]
        yield AreaSet(
            subject=name,
            split=side.split,
            parts=WHOLE,
            regions=regions,
            hemispheres=[""] * len(places),
            representations=values,
            n=len(common),
            again=common[:0],
            single=[],
            averaged=1.0,
        )


def _side_of(subject: Subject, columns: Ints) -> str:
    """Name the hemisphere that all of the voxels lie in; empty if there is none."""
    found = subject.targets["hemisphere"].iloc[columns].unique()
    return str(found[0]) if len(found) == 1 else ""


def _halves(
    subject: Subject, whole: Sequence[tuple[str, str, Ints]], min_voxels: int
) -> Iterator[tuple[str, str, Ints]]:
    """Cut areas that lie in both hemispheres; nothing where none does."""
    if all(side for _, side, _ in whole):
        return
    for here in SIDES:
        for region, _, columns in whole:
            sides = subject.targets["hemisphere"].iloc[columns].to_numpy()
            half = columns[sides == here]
            if len(half) >= min_voxels:
                yield region, here, half


def _area_set(
    side: RegionSet, parts: str, areas: Sequence[tuple[str, str, Ints]], common: Ints
) -> AreaSet:
    subject, rows, _ = side.sources[0]
    order = np.argsort(side.stimuli)
    order = order[np.isin(side.stimuli[order], common)]
    shown = rows[order]
    found = [measurements(subject, shown, columns) for _, _, columns in areas]
    known = [one for one in found if one is not None]
    again, by_stimulus = common[:0], common[:0]
    if known:
        stimulus_of = dict(zip(rows.tolist(), side.stimuli.tolist(), strict=True))
        again = np.array([stimulus_of[row] for row in known[0].rows.tolist()], dtype=np.intp)
        by_stimulus = np.argsort(again)
    return AreaSet(
        subject=subject.name,
        split=side.split,
        parts=parts,
        regions=[region for region, _, _ in areas],
        hemispheres=[hemisphere for _, hemisphere, _ in areas],
        representations=[subject.responses[np.ix_(shown, columns)] for _, _, columns in areas],
        n=len(common),
        again=again[by_stimulus],
        single=[one.single[:, by_stimulus] for one in known],
        averaged=known[0].averaged if known else 1.0,
    )
