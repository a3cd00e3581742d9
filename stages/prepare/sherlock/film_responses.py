"""Responses to a film: mean time courses of regions, and the voxels of one of them."""

import logging
from collections.abc import Mapping, Sequence
from pathlib import Path

import nibabel
import numpy as np
import pandas as pd
from numpy.typing import NDArray

from stages.core.run.errors import InputError
from stages.core.run.files import require_file
from stages.prepare.matfile import numbers, read_mat
from stages.prepare.usable_targets import target_table

logger = logging.getLogger("concord.prepare")

Array = NDArray[np.float64]
OBTAIN = "Restore the file from where it was fetched."


def read_courses(files: Mapping[str, Path], n_scans: int, n_people: int) -> Array:
    """Read the time courses of regions, a file each.

    Returns
    -------
    ndarray, shape (n_people, n_scans, n_regions)

    Raises
    ------
    InputError
        If a file is damaged, or of other people or scans.
    """
    regions = [
        numbers(read_mat(path, ["roitc"], OBTAIN)["roitc"], f"{path}: roitc", (n_scans, n_people)).T
        for path in files.values()
    ]
    return np.stack(regions, axis=2).astype(np.float64)


def recorded_scans(courses: Array, name: str) -> int:
    """Count the scans of a person before all regions stay as they are until the end.

    Parameters
    ----------
    courses : ndarray, shape (n_scans, n_regions)
    name : str
        Of the person, for the message.

    Raises
    ------
    InputError
        If scans repeat the one before in all regions and others follow, or nothing was recorded.
    """
    repeated = (np.diff(courses, axis=0) == 0).all(axis=1)
    last = len(repeated) - int(np.argmin(repeated[::-1])) if not repeated.all() else 0
    if last == 0 or repeated[:last].any():
        raise InputError(
            "scans that repeat the one before in all regions",
            where=name,
            got=f"scan {int(repeated.argmax()) + 2} of {len(courses)}, counted from 1",
        )
    return len(courses) if last == len(repeated) else last


def shared_scans(courses: Mapping[str, Array]) -> int:
    """Count the scans that everybody has; those who lack some are logged by name."""
    counts = {name: recorded_scans(series, name) for name, series in courses.items()}
    for name, count in counts.items():
        if count < len(courses[name]):
            logger.warning(
                "the last %d of %d scans are left out for everybody: %s has one value throughout "
                "them in all regions",
                *(len(courses[name]) - count, len(courses[name]), name),
            )
    return min(counts.values())


def read_mask(path: Path) -> tuple[NDArray[np.intp], Array, tuple[int, int, int]]:
    """Read the voxels of a mask, in MATLAB's order: the first index runs fastest.

    Returns
    -------
    ndarray of int, shape (n_voxels, 3)
        Indices counted from 0.
    ndarray, shape (4, 4)
        From them to millimetres.
    tuple of int
        Dimensions of the volume.

    Raises
    ------
    InputError
        If the file is missing or damaged, or is no mask.
    """
    require_file(path, OBTAIN)
    try:
        image = nibabel.Nifti1Image.from_bytes(path.read_bytes())
        values, affine = np.asarray(image.dataobj), np.array(image.affine, dtype=np.float64)
    except Exception as error:  # what nibabel raises depends on where the damage is
        raise InputError("unreadable NIfTI file", where=path, got=repr(error), do=OBTAIN) from error
    if values.ndim != 3 or not np.isin(values, (0, 1)).all() or not values.any():
        raise InputError("not a mask", where=path, expected="0 and 1 in three dimensions")
    flat = np.flatnonzero(values.ravel(order="F"))
    voxels = np.stack(np.unravel_index(flat, values.shape, order="F"), axis=1)
    return voxels, affine, (values.shape[0], values.shape[1], values.shape[2])


def read_voxels(path: Path, n_voxels: int, n_scans: int) -> Array:
    """Read responses of the voxels of a mask that are kept, one by one.

    Returns
    -------
    ndarray, shape (n_scans, n_voxels)
        NaN for those that the file leaves out.

    Raises
    ------
    InputError
        If the file is damaged, or of another mask or other scans.
    """
    read = read_mat(path, ["keptvox", "rdata"], OBTAIN)
    kept = numbers(read["keptvox"], f"{path}: keptvox", (n_voxels, 1))[:, 0] > 0
    data = numbers(read["rdata"], f"{path}: rdata", (int(kept.sum()), n_scans))
    series = np.full((n_scans, n_voxels), np.nan)
    series[:, kept] = data.T
    return series


def voxel_targets(voxels: NDArray[np.intp], affine: Array, region: str) -> pd.DataFrame:
    """Make a table of targets; the hemisphere is the side of the midline that a voxel lies on."""
    across = affine[0, :3] @ voxels.T + affine[0, 3]
    sides = ["L" if x < 0 else "R" if x > 0 else "" for x in across]
    ids = [f"v{column}" for column in range(len(voxels))]
    return target_table(ids, [region] * len(ids), sides, voxels)


def region_targets(regions: Sequence[str]) -> pd.DataFrame:
    """Make a table of targets of regions on both sides."""
    return target_table(regions, regions, [""] * len(regions))
