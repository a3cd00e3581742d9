"""The regions that can be decoded: those that are recorded voxel by voxel."""

import logging

import numpy as np

from stages.core.params.schema import Decode
from stages.core.recording.regions import Columns, check_regions, select_regions
from stages.core.recording.types import Recording, Subject
from stages.core.run.errors import ConcordError
from stages.decode.ensemble import Region

log = logging.getLogger("concord.decode")


def why_skipped(recording: Recording) -> str | None:
    """Say why nothing of a recording can be decoded; None if something can."""
    if recording.features is None:
        return "no features"
    if any(subject.targets["i"].notna().any() for subject in recording.subjects):
        return None
    if any(subject.targets["region"].duplicated().any() for subject in recording.subjects):
        return "voxels without their places i, j, k in targets.parquet"
    return "no voxels, only averages of regions"


def find_regions(recording: Recording, settings: Decode) -> dict[str, dict[str, Columns]]:
    """Find the columns of every region asked for, by region and subject.

    Averages of regions beside voxels, of one person or of several, are skipped by name.

    Raises
    ------
    InputError
        If a region asked for is in no subject.
    ConcordError
        If no region is left.
    """
    check_regions(recording, settings.regions, "decode.regions")
    found: dict[str, dict[str, Columns]] = {}
    averages: set[str] = set()
    for subject in recording.subjects:
        placed = subject.targets["i"].notna().to_numpy()
        for region, columns in select_regions(
            subject, settings.regions, settings.min_voxels
        ).items():
            if placed[columns].all():
                found.setdefault(region, {})[subject.name] = columns
            else:
                averages.add(region)
    if averages:
        log.warning("skipped, of which there are only averages: %s", ", ".join(sorted(averages)))
    if not found:
        raise ConcordError("no region left", where=recording.dataset, do="See the messages above.")
    return found


def cut_region(subject: Subject, columns: Columns) -> Region:
    """Take the voxels of one region."""
    voxels = subject.targets[["i", "j", "k"]].iloc[columns].to_numpy(np.intp)
    volume = 1.0 if subject.affine is None else abs(np.linalg.det(subject.affine[:3, :3]))
    return Region(subject.responses[:, columns].astype(np.float64), voxels, float(volume))
