"""Which regions of a subject are studied: those asked for, known, and large enough."""

import logging

import numpy as np
from numpy.typing import NDArray

from stages.core.recording.types import Recording, Subject
from stages.core.run.errors import InputError, did_you_mean

Columns = NDArray[np.intp]

log = logging.getLogger("concord.regions")


def check_regions(recording: Recording, regions: str | list[str], key: str) -> None:
    """Raise `InputError` if a region asked for is in no subject.

    Parameters
    ----------
    recording : Recording
    regions : list of str, or `all`
    key : str
        The parameter that asks for them, for the message.
    """
    if isinstance(regions, str):
        return
    known = {region for subject in recording.subjects for region in subject.targets["region"]}
    for region in regions:
        if region not in known:
            where = f"params.yaml: {key}, dataset {recording.dataset}"
            raise InputError(
                "unknown region", where=where, got=region, do=did_you_mean(region, known)
            )


def select_regions(
    subject: Subject, regions: str | list[str], min_voxels: int
) -> dict[str, Columns]:
    """Find the columns of each region asked for; those with too few voxels are skipped by name.

    Parameters
    ----------
    subject : Subject
    regions : list of str, or `all`
    min_voxels : int
        Does not apply to recordings of region averages.
    """
    found = subject.targets["region"]
    selected = {}
    for region in found.unique() if isinstance(regions, str) else regions:
        columns = np.flatnonzero(found == region)
        voxels = subject.targets["i"].iloc[columns].notna().any()
        if len(columns) == 0 or (voxels and len(columns) < min_voxels):
            log.warning(
                "region %s of subject %s skipped: expected at least %d voxels, got %d",
                *(region, subject.name, min_voxels, len(columns)),
            )
        else:
            selected[str(region)] = columns
    return selected
