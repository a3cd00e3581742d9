"""The grayordinates of a person's CIFTI runs: cortical vertices and voxels below, and the series.

Of the cortex only the vertices measured are stored, those of the medial wall not (Glasser et al.
2013); structures below it are voxels.
"""

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import nibabel
import numpy as np
import pandas as pd
from numpy.typing import NDArray

from stages.core.run.errors import InputError
from stages.prepare.series.measured_places import CORTEX, Places, vertex_table, voxel_table
from stages.prepare.series.opened_images import open_image, readable

ENDINGS = {"_LEFT": "L", "_RIGHT": "R"}
BLOCK = 4096  # grayordinates read at once


def cifti_places(images: Sequence[Path]) -> Places:
    """All grayordinates of a person, in the order of the files.

    Parameters
    ----------
    images : sequence of Path
        `.dtseries.nii` of every run, of the same grayordinates.

    Raises
    ------
    InputError
        If a file is missing or damaged, not a series of grayordinates, of others than the first
        one, or of a surface that is not the cortex of a hemisphere.
    """
    first = _axes(open_image(images[0]), images[0])[1]
    for path in images[1:]:
        check_axis(_axes(open_image(path), path)[1], first, path)
    return axis_places(first, images[0])


def axis_places(axis: Any, where: object) -> Places:
    """Places of the grayordinates of an axis, in order.

    Raises
    ------
    InputError
        If a surface is not the cortex of a hemisphere.
    """
    tables, vertices = [], {}
    sides = {structure: side for side, structure in CORTEX.items()}
    for structure, part in _structures(axis):
        if structure in axis.nvertices:
            if structure not in sides:
                expected = " or ".join(sides)
                raise InputError("other surface", where=where, expected=expected, got=structure)
            vertices[sides[structure]] = int(axis.nvertices[structure])
            tables.append(vertex_table(sides[structure], part.vertex.astype(np.int64), structure))
        else:
            side = next((s for end, s in ENDINGS.items() if structure.endswith(end)), "")
            sides_of = np.full(len(part), side)
            tables.append(voxel_table(part.voxel.astype(np.int64), sides_of, structure))
    table = pd.concat(tables, ignore_index=True)
    affine = None if axis.affine is None else np.asarray(axis.affine, dtype=float)
    return Places("cifti", table, affine, axis.volume_shape, vertices)


def _structures(axis: Any) -> Iterator[tuple[str, Any]]:
    for structure, _, part in axis.iter_structures():
        yield str(structure), part


def _axes(image: Any, path: Path) -> tuple[Any, Any]:
    """Axes of samples and of grayordinates of an image."""
    if not isinstance(image, nibabel.Cifti2Image):
        got = type(image).__name__
        raise InputError("not grayordinates", where=path, expected=".dtseries.nii", got=got)
    with readable(path):
        axes = [image.header.get_axis(number) for number in range(image.ndim)]
    kinds = tuple(type(axis).__name__ for axis in axes)
    if kinds != ("SeriesAxis", "BrainModelAxis"):
        expected, got = "SeriesAxis × BrainModelAxis", " × ".join(kinds)
        raise InputError("not a series of grayordinates", where=path, expected=expected, got=got)
    return axes[0], axes[1]


def check_axis(axis: Any, expected: Any, path: Path) -> None:
    """Raise `InputError` unless an axis has the grayordinates of another, in the same order."""
    if axis != expected:
        sizes = f"{len(axis)} grayordinates"
        got = sizes if len(axis) != len(expected) else f"{sizes}, others or in another order"
        raise InputError(
            "runs of different grayordinates",
            where=path,
            expected=f"{len(expected)} as in the first",
            got=got,
            do="Choose with bids.select.",
        )


def open_grayordinates(path: Path) -> tuple[Any, Any, Any]:
    """Open an image of grayordinates: itself, and its axes of samples and of grayordinates.

    Raises
    ------
    InputError
        If it is missing or damaged, or not a series of grayordinates.
    """
    image = open_image(path)
    return image, *_axes(image, path)


def read_grayordinates(path: Path, places: Places) -> NDArray[np.float32]:
    """Read all grayordinates of a run, some at a time, since each is stored in one piece.

    Returns
    -------
    ndarray of float32, shape (n_samples, n_places)

    Raises
    ------
    InputError
        If the file is missing or damaged, or of other grayordinates than the places.
    """
    image, _, axis = open_grayordinates(path)
    found = axis_places(axis, path)
    same = found.table.equals(places.table) and dict(found.vertices) == dict(places.vertices)
    if not same or not _same_affine(found, places):
        expected, got = f"{len(places)} grayordinates", f"{len(found)}, or others"
        raise InputError("other grayordinates", where=path, expected=expected, got=got)
    series = np.empty(image.shape, dtype=np.float32)
    with readable(path):
        for start in range(0, series.shape[1], BLOCK):
            columns = slice(start, start + BLOCK)
            series[:, columns] = image.dataobj[:, columns]
    return series


def _same_affine(one: Places, other: Places) -> bool:
    if one.affine is None or other.affine is None:
        return one.affine is other.affine
    return bool(np.allclose(one.affine, other.affine))
