"""The vertices of a person's runs on the surface, and what the runs say there."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import nibabel
import numpy as np
import pandas as pd
from numpy.typing import NDArray

from stages.core.run.errors import InputError
from stages.prepare.series.measured_places import SIDES, Places, vertex_table
from stages.prepare.series.opened_images import open_image, readable

Pair = tuple[Path, Path]
ANATOMY = "AnatomicalStructurePrimary"
CORTICES = {"CortexLeft": "L", "CortexRight": "R"}


def surface_places(runs: Sequence[Pair]) -> Places:
    """All vertices of a person, left before right.

    Parameters
    ----------
    runs : sequence of (Path, Path)
        Left and right `.func.gii` of every run, on the same two meshes.

    Raises
    ------
    InputError
        If a file is missing or damaged, is of the other hemisphere, or the meshes or lengths
        differ.
    """
    vertices: dict[str, int] = {}
    for pair in runs:
        lengths = set()
        for side, path in zip(SIDES, pair, strict=True):
            n_samples, n_vertices = series_shape(open_surface(path, side), path)
            lengths.add(n_samples)
            expected = vertices.setdefault(side, n_vertices)
            if n_vertices != expected:
                raise InputError(
                    "runs on different meshes",
                    where=path,
                    expected=f"{expected} vertices",
                    got=n_vertices,
                    do="Choose with bids.space or bids.select.",
                )
        _check_lengths(lengths, pair)
    tables = [vertex_table(side, np.arange(number)) for side, number in vertices.items()]
    return Places("surface", pd.concat(tables, ignore_index=True), vertices=vertices)


def open_surface(path: Path, side: str) -> Any:
    """Read the GIFTI image of one of `SIDES`.

    Raises
    ------
    InputError
        If it is missing or damaged, or says that it is of the other hemisphere.
    """
    image = open_image(path)
    if not isinstance(image, nibabel.GiftiImage):
        raise InputError("not a surface", where=path, expected=".gii", got=type(image).__name__)
    metas = [image.meta, *(array.meta for array in image.darrays[:1])]
    found = next((meta[ANATOMY] for meta in metas if ANATOMY in meta), None)
    if found in CORTICES and CORTICES[found] != side:
        raise InputError("other hemisphere", where=path, expected=side, got=found)
    return image


def _arrays(image: Any, path: Path) -> list[NDArray[np.generic]]:
    """Arrays of a series, each of one sample, or one array of samples × vertices, transposed."""
    arrays = [np.asarray(array.data) for array in image.darrays]
    if len(arrays) == 1 and arrays[0].ndim == 2:
        arrays = list(arrays[0].T)
    shapes = {array.shape for array in arrays}
    if len(shapes) != 1 or len(next(iter(shapes))) != 1:
        expected, got = "one number per vertex and sample", sorted(shapes)
        raise InputError("wrong shape", where=path, expected=expected, got=got)
    return arrays


def series_shape(image: Any, path: Path) -> tuple[int, int]:
    """Count the samples and vertices of a GIFTI image.

    Raises
    ------
    InputError
        If its arrays are none, of different length, or of a mesh.
    """
    arrays = _arrays(image, path)
    return len(arrays), len(arrays[0])


def read_vertices(pair: Pair, places: Places) -> NDArray[np.float32]:
    """Read the vertices of both hemispheres.

    Returns
    -------
    ndarray of float32, shape (n_samples, n_places)

    Raises
    ------
    InputError
        If a file is missing or damaged, of another mesh than the places, or longer than the other.
    """
    parts = []
    for side, path in zip(SIDES, pair, strict=True):
        arrays = _arrays(open_surface(path, side), path)
        if len(arrays[0]) != places.vertices[side]:
            expected, got = f"{places.vertices[side]} vertices", len(arrays[0])
            raise InputError("other mesh", where=path, expected=expected, got=got)
        with readable(path):
            parts.append(np.array(arrays, dtype=np.float32))
    _check_lengths({len(part) for part in parts}, pair)
    return np.concatenate(parts, axis=1)


def _check_lengths(lengths: set[int], pair: Pair) -> None:
    if len(lengths) != 1:
        where, got = " and ".join(path.name for path in pair), " and ".join(map(str, lengths))
        raise InputError("hemispheres of different length", where=where, got=f"{got} samples")
