"""Atlases of grayordinates, `.dlabel.nii`: regions of the cortex, and of voxels below it."""

from pathlib import Path
from typing import Any

import nibabel
import numpy as np

from stages.core.run.errors import InputError
from stages.prepare.atlases.mesh_labels import MeshLabels
from stages.prepare.atlases.region_atlas import Atlas, Rows
from stages.prepare.atlases.region_rows import (
    NOWHERE,
    check_any,
    region_table,
    rows_of,
    warn_empty,
    warn_unnamed,
)
from stages.prepare.series.grayordinates import axis_places
from stages.prepare.series.measured_places import Places
from stages.prepare.series.opened_images import open_image, readable

NO_KEY = 0


def read_dlabel(path: Path, space: str) -> Atlas:
    """Read an atlas of grayordinates.

    Raises
    ------
    InputError
        If the file is missing or damaged, or has not one map of labels.
    """
    image = open_image(path)
    if not isinstance(image, nibabel.Cifti2Image):
        expected, got = ".dlabel.nii", type(image).__name__
        raise InputError("not grayordinates", where=path, expected=expected, got=got)
    with readable(path):
        axes = [image.header.get_axis(number) for number in range(image.ndim)]
        labels = np.asarray(image.dataobj)
    kinds = " × ".join(type(axis).__name__ for axis in axes)
    if kinds != "LabelAxis × BrainModelAxis" or len(axes[0]) != 1:
        expected = "one map, LabelAxis × BrainModelAxis"
        got = f"{len(axes[0])}, {kinds}"
        raise InputError("not labels of grayordinates", where=path, expected=expected, got=got)
    places = axis_places(axes[1], path)
    named = {int(key): str(name) for key, (name, _) in axes[0].label[0].items() if key != NO_KEY}
    return dense_atlas(path, space, places, labels[0], named)


def dense_atlas(
    path: Path, space: str, places: Places, labels: Any, named: dict[int, str]
) -> Atlas:
    """Make an atlas of the labels of grayordinates.

    Parameters
    ----------
    path : Path
    space : str
    places : Places
        Of the grayordinates.
    labels : ndarray of numbers, shape (n_places,)
    named : dict of int to str
        Names of labels.

    Raises
    ------
    InputError
        If labels and names do not belong together.
    """
    table = region_table(named, {}, path)
    rows = rows_of(labels, table, path)
    present = set(np.unique(np.round(labels)).astype(int).tolist())
    warn_unnamed(sorted(present - set(named) - {NO_KEY}), path)
    absent = np.setdiff1d(np.arange(len(table)), rows)
    warn_empty(table["region"].iloc[absent].tolist(), path)
    kept = np.setdiff1d(np.arange(len(table)), absent)
    rows = np.where(rows == NOWHERE, NOWHERE, np.searchsorted(kept, rows)).astype(np.int32)
    table = table.iloc[kept].reset_index(drop=True)
    check_any(table, path)
    return Atlas(path.name, space, table, spread(places, rows), (path,))


def spread(places: Places, rows: Rows) -> MeshLabels:
    """Lay rows of grayordinates on their meshes and on the grid of each structure."""
    meshes, on_mesh = {}, ~places.on_grid
    for side, n_vertices in places.vertices.items():
        at = on_mesh & (places.table["hemisphere"] == side).to_numpy(bool)
        meshes[side] = np.full(n_vertices, NOWHERE, dtype=np.int32)
        meshes[side][places.table.loc[at, "vertex"].to_numpy(np.int64)] = rows[at]
    grids: dict[str, Rows] = {}
    structures = places.table["structure"][places.on_grid].to_numpy(str)
    for structure in np.unique(structures):
        of = structures == structure
        grids[structure] = np.full(places.shape or (0, 0, 0), NOWHERE, dtype=np.int32)
        grids[structure][tuple(places.voxels[of].T)] = rows[places.on_grid][of]
    return MeshLabels(meshes, voxels=grids, affine=places.affine)
