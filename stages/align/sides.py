"""What of a recording is aligned with the layers of models: regions, by subject and split."""

import logging
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.spatial.distance import squareform

from stages.align.representation import Deferred, Dissimilarities, Features, Representation
from stages.core.recording.regions import select_regions
from stages.core.recording.types import Recording, Subject
from stages.core.run.errors import InputError
from stages.core.run.tensors import let_go

Ints = NDArray[np.intp]
WHOLE = "all"  # the split of recordings that keep nothing apart

log = logging.getLogger("concord.align")


@dataclass(frozen=True)
class RegionSet:
    """Regions that are known for the same stimuli.

    Attributes
    ----------
    split : str
        `train`, `test` or `all`.
    stimuli : ndarray of int, shape (n,)
        Rows of the stimuli that the representations are of.
    ids : list of str
        Of these stimuli.
    subjects, regions : list of str
        Of each representation.
    sources : list of (Subject, ndarray of int, ndarray of int)
        Where each comes from: rows and columns of a subject's responses.
    dissimilarities : bool
        Whether responses are dissimilarities of pairs of stimuli.
    """

    split: str
    stimuli: Ints
    ids: list[str]
    subjects: list[str]
    regions: list[str]
    sources: list[tuple[Subject, Ints, Ints]]
    dissimilarities: bool

    def representations(self) -> list[Representation]:
        """Read every region: its responses, or the mean dissimilarities of a subject's sessions."""
        features = self.features()
        if not self.dissimilarities:
            return list(features)
        means = (values.mean(axis=1, dtype=float) for values in features)
        return [Dissimilarities(squareform(mean)) for mean in means]

    def deferred(self) -> list[Representation]:
        """Say how every region is read, whose responses are mapped; dissimilarities are read."""
        if self.dissimilarities:
            return self.representations()
        return [
            deferred_region(self, place, np.arange(len(self.stimuli)))
            for place in range(len(self.regions))
        ]

    def features(self) -> list[Features]:
        """Read the responses of every region, rows × columns, as they were measured."""
        return [self.region_features(place) for place in range(len(self.regions))]

    def region_features(self, place: int) -> Features:
        """Read the responses of one region, without a copy of what else the subject has."""
        subject, rows, columns = self.sources[place]
        return subject.responses[np.ix_(rows, columns)]


def deferred_region(side: RegionSet, place: int, kept: Ints) -> Deferred:
    """Say how the responses of one region to some stimuli of a side are read."""
    subject, rows, columns = side.sources[place]
    shape = len(kept), len(columns)
    mapped = len(rows) * len(columns) * subject.responses.itemsize
    where = np.ix_(rows[kept], columns)
    return Deferred(shape, lambda: subject.responses[where], mapped)


def deferred_layer(values: Features, rows: Ints) -> Deferred:
    """Say how some rows of a layer are read, of which no others stay in memory."""

    def read() -> Features:
        found = values[rows]
        let_go(values)
        return found

    return Deferred((len(rows), values.shape[1]), read)


def cut_sides(recording: Recording, min_voxels: int) -> list[RegionSet]:
    """Cut a recording into what is aligned at once.

    Parameters
    ----------
    recording : Recording
        Of kind `events` or `rdm`.
    min_voxels : int
        Smaller regions are skipped, by name.

    Returns
    -------
    list of RegionSet
        One per subject and split; of dissimilarities, one of all subjects.

    Raises
    ------
    InputError
        If the recording is a time series, or nothing is left of it.
    """
    if recording.kind == "timeseries":
        raise InputError(
            "no images", where=recording.dataset, expected="a recording of images", got="a story"
        )
    columns = {
        subject.name: select_regions(subject, WHOLE, min_voxels) for subject in recording.subjects
    }
    if recording.kind == "rdm":
        sides = [_matrices(recording, columns)]
    else:
        sides = [
            side
            for subject in recording.subjects
            for side in _splits(recording, subject, columns[subject.name])
        ]
    sides = [side for side in sides if side.regions]
    if not sides:
        raise InputError("no region left", where=recording.dataset, do="Lower align.min_voxels.")
    return sides


def _matrices(recording: Recording, columns: dict[str, dict[str, Ints]]) -> RegionSet:
    """All dissimilarity matrices: of every subject and region."""
    pairs = np.arange(len(recording.samples))
    found = [
        (subject, region, chosen)
        for subject in recording.subjects
        for region, chosen in columns[subject.name].items()
    ]
    return RegionSet(
        split=WHOLE,
        stimuli=np.arange(len(recording.stimuli)),
        ids=list(recording.stimuli["id"]),
        subjects=[subject.name for subject, _, _ in found],
        regions=[region for _, region, _ in found],
        sources=[(subject, pairs, chosen) for subject, _, chosen in found],
        dissimilarities=True,
    )


def _splits(recording: Recording, subject: Subject, columns: dict[str, Ints]) -> list[RegionSet]:
    """Make sides of one subject: for the images for training, and for those for testing."""
    ids = list((recording.samples if subject.samples is None else subject.samples)["id"])
    place = dict(zip(recording.stimuli["id"], range(len(recording.stimuli)), strict=True))
    stimuli = np.array([place[name] for name in ids], dtype=np.intp)
    sides = []
    for split, rows in _rows_by_split(recording, ids).items():
        if len(rows) == 0:
            log.warning("subject %s saw no image of the split %s", subject.name, split)
            continue
        sides.append(
            RegionSet(
                split=split,
                stimuli=stimuli[rows],
                ids=[ids[row] for row in rows],
                subjects=[subject.name] * len(columns),
                regions=list(columns),
                sources=[(subject, rows, chosen) for chosen in columns.values()],
                dissimilarities=False,
            )
        )
    return sides


def _rows_by_split(recording: Recording, ids: list[str]) -> dict[str, Ints]:
    if "split" not in recording.samples:
        return {WHOLE: np.arange(len(ids))}
    split = recording.samples.set_index("id")["split"].loc[ids].to_numpy()
    return {name: np.flatnonzero(split == name) for name in ("train", "test")}
