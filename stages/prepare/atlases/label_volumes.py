"""Atlases of volumes: an image of labels, `dseg.nii.gz`, and the table of their names."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import nibabel
import numpy as np
from numpy.typing import NDArray

from stages.core.run.errors import InputError
from stages.prepare.atlases.label_tables import find_table, read_label_table
from stages.prepare.atlases.region_atlas import Atlas, GridLabels, Rows
from stages.prepare.atlases.region_rows import (
    NOWHERE,
    check_any,
    check_sides,
    is_region,
    region_table,
    rows_of,
    warn_empty,
    warn_unnamed,
)
from stages.prepare.series.measured_places import side_of, to_mm
from stages.prepare.series.opened_images import affine_of, open_image, readable

BACKGROUND = 0
# Of a region's voxels, the share on one side of the midline from which on it is of that side.
ONE_SIDED = 0.9


def read_dseg(path: Path, top: Path, space: str) -> Atlas:
    """Read an image of labels, and the table beside or above it, up to the folder `top`.

    Raises
    ------
    InputError
        If a file is missing or damaged, or labels and names do not belong together.
    """
    table = find_table(path, top)
    names, hemispheres = read_label_table(table)
    return volume_atlas(path, names, hemispheres, space, (path, table))


def volume_atlas(
    path: Path,
    names: Mapping[int, str],
    hemispheres: Mapping[int, str],
    space: str,
    files: tuple[Path, ...],
) -> Atlas:
    """Make an atlas of an image of labels; label 0 is the background.

    Parameters
    ----------
    path : Path
    names, hemispheres
        As those of `region_table`. Names of labels that do not occur are no regions.
    space : str
    files : tuple of Path

    Raises
    ------
    InputError
        If the image is missing or damaged, or its labels are not whole numbers with a name.
    """
    labels, affine = read_labels(path)
    present = set(np.unique(np.round(labels)).astype(np.int64).tolist())
    regions = {number: name for number, name in names.items() if number != BACKGROUND}
    warn_unnamed(sorted(present - set(names) - {BACKGROUND}), path)
    warn_empty([n for at, n in regions.items() if at not in present and is_region(n)], path)
    found = {number: name for number, name in regions.items() if number in present}
    table = region_table(found, hemispheres, path)
    check_any(table, path)
    rows = rows_of(labels, table, path)
    share = side_shares(len(table), rows, affine)
    check_sides(table, share, path)
    table["hemisphere"] = sides(table["hemisphere"].tolist(), share)
    return Atlas(path.name, space, table.reset_index(drop=True), GridLabels(rows, affine), files)


def read_labels(path: Path) -> tuple[NDArray[Any], NDArray[np.float64]]:
    """Read an image of labels, shape (x, y, z), and its affine.

    Raises
    ------
    InputError
        If it is missing or damaged, has not three dimensions or no place, or values that are not
        finite.
    """
    image = open_image(path)
    if not isinstance(image, nibabel.Nifti1Image):
        raise InputError("not a volume", where=path, got=type(image).__name__)
    shape = image.shape[:3] if image.shape[3:] == (1,) else image.shape
    if len(shape) != 3:
        expected = "x, y, z: one label per voxel"
        raise InputError("wrong shape", where=path, expected=expected, got=image.shape)
    with readable(path):
        labels = np.asarray(image.dataobj).reshape(shape)
    if not np.isfinite(labels).all():
        raise InputError("labels that are not finite", where=path)
    return labels, affine_of(image, path)


def side_shares(
    n_regions: int, rows: Rows, affine: NDArray[np.float64]
) -> dict[str, NDArray[np.float64]]:
    """Share of the voxels of every region that lie left, `L`, and right, `R`, of the midline."""
    voxels = np.argwhere(rows != NOWHERE)
    of, side = rows[tuple(voxels.T)], side_of(to_mm(voxels, affine)[:, 0])
    size = np.maximum(np.bincount(of, minlength=n_regions), 1)
    return {one: np.bincount(of[side == one], minlength=n_regions) / size for one in ("L", "R")}


def sides(given: Sequence[str], share: Mapping[str, NDArray[np.float64]]) -> list[str]:
    """Hemisphere of every region: that given, or the one where nearly all its voxels lie.

    A region of both hemispheres, or astride the midline, has none.
    """
    found = list(given)
    for one, parts in share.items():
        found = [
            known or (one if part >= ONE_SIDED else "")
            for known, part in zip(found, parts, strict=True)
        ]
    return found
