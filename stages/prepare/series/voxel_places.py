"""Which voxels of a person's runs are measurements, and what the runs say there."""

import logging
from collections.abc import Sequence
from itertools import product
from pathlib import Path

import nibabel
import numpy as np
from numpy.typing import NDArray

from stages.core.run.errors import InputError
from stages.prepare.series.measured_places import NEAR, Places, side_of, to_mm, voxel_table
from stages.prepare.series.opened_images import affine_of, open_image, readable
from stages.prepare.series.volume_blocks import VolumeFile, open_volumes, scaled, volumes

logger = logging.getLogger("concord.prepare")

# Fluctuations below this share of the largest value are none.
VARYING = 1e-10
CHOOSE = "Choose with bids.select."


def volume_places(images: Sequence[Path], masks: Sequence[Path]) -> Places:
    """Voxels of a person: those in every mask, by index; the last axis is the fastest.

    Parameters
    ----------
    images : sequence of Path
        4-D NIfTI of every run, on one grid.
    masks : sequence of Path
        Brain masks on the same grid; without any, voxels that are finite and vary in every run.

    Raises
    ------
    InputError
        If a file is missing or damaged, the grids differ, or no voxel is left.
    """
    files = [open_volumes(path) for path in images]
    first = files[0]
    for file in files[1:]:
        check_grid(file.path, file.shape, file.affine, first.shape, first.affine)
    kept = np.ones(first.shape, dtype=bool)
    for path in masks:
        kept &= read_mask(path, first)
    if not masks:
        for file in files:
            kept &= _varying(file).reshape(first.shape, order="F")
        logger.info(
            "%s: no mask: %d of %d voxels are finite and vary in every run",
            *(first.path.name, int(kept.sum()), kept.size),
        )
    if not kept.any():
        what = "no voxel in every mask" if masks else "no voxel that is finite and varies"
        raise InputError(what, where=first.path)
    voxels = np.argwhere(kept)
    sides = side_of(to_mm(voxels, first.affine)[:, 0])
    return Places("volume", voxel_table(voxels, sides), first.affine, first.shape)


def check_grid(
    path: Path,
    shape: tuple[int, ...],
    affine: NDArray[np.float64],
    expected: tuple[int, ...],
    at: NDArray[np.float64],
) -> None:
    """Raise `InputError` unless a grid has the size and, at its corners, the place of another."""
    if shape != expected:
        sizes = " and ".join(" × ".join(map(str, size)) for size in (expected, shape))
        raise InputError("runs on different grids", where=path, got=sizes, do=CHOOSE)
    corners = np.array(list(product(*((0, size - 1) for size in shape))))
    apart = np.linalg.norm(to_mm(corners, affine) - to_mm(corners, at), axis=1).max()
    if not apart <= NEAR:
        got = f"voxels up to {apart:.3g} mm from those of another"
        raise InputError("runs on different grids", where=path, got=got, do=CHOOSE)


def read_mask(path: Path, run: VolumeFile) -> NDArray[np.bool_]:
    """Read the mask of a run, shape (x, y, z): 0 outside, one other number inside.

    Raises
    ------
    InputError
        If it is missing or damaged, on another grid, or has other numbers.
    """
    image = open_image(path)
    if not isinstance(image, nibabel.Nifti1Image):
        raise InputError("not a volume", where=path, got=type(image).__name__)
    shape = image.shape[:3] if image.shape[3:] == (1,) else image.shape
    check_grid(path, shape, affine_of(image, path), run.shape, run.affine)
    with readable(path):
        numbers = np.asarray(image.dataobj).reshape(shape)
    found = np.unique(numbers)
    if len(found) > 2 or not np.isfinite(found).all() or (len(found) == 2 and 0 not in found):
        got = ", ".join(f"{number:g}" for number in found[:4])
        raise InputError("not a mask", where=path, expected="0 and one other number", got=got)
    inside: NDArray[np.bool_] = numbers != 0
    return inside


def _varying(file: VolumeFile) -> NDArray[np.bool_]:
    """Which voxels are finite and vary in a run, flat, the first axis the fastest."""
    size = int(np.prod(file.shape))
    low, high = np.full(size, np.inf), np.full(size, -np.inf)
    for numbers in volumes(file):
        values = scaled(numbers, file)
        np.minimum(low, values, out=low)
        np.maximum(high, values, out=high)
    finite = np.isfinite(low) & np.isfinite(high)
    low, high = np.where(finite, low, 0), np.where(finite, high, 0)
    least = VARYING * np.maximum(np.abs(low), np.abs(high))
    varying: NDArray[np.bool_] = finite & (high - low > least)
    return varying


def read_volumes(path: Path, places: Places) -> NDArray[np.float32]:
    """Read the voxels of a run, one volume at a time.

    Returns
    -------
    ndarray of float32, shape (n_volumes, n_places)

    Raises
    ------
    InputError
        If the file is missing or damaged, or on another grid than the places.
    """
    file = open_volumes(path)
    if places.shape is None or places.affine is None:
        raise InputError("no places on a grid", where=path)
    check_grid(path, file.shape, file.affine, places.shape, places.affine)
    within = np.ravel_multi_index(tuple(places.voxels.T), file.shape, order="F")
    series = np.empty((file.n_volumes, len(places)), dtype=np.float32)
    for number, volume in enumerate(volumes(file)):
        series[number] = scaled(volume[within], file)
    return series
