"""The regions of NSD on the cortical surface: on a standard mesh, and on everybody's own.

FreeSurfer's average surfaces come from an icosahedron whose edges are halved again and again; new
vertices are appended. The first 10,242 of fsaverage's 163,842 vertices are therefore those of
fsaverage5. Of the mesh used here this is tested down to the icosahedron; of the labels it is
checked that neighbours on that mesh mostly share their region, as they would not in another order.
"""

import logging
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import nibabel
import numpy as np
import pandas as pd
from nibabel.freesurfer import read_geometry, read_morph_data
from nilearn.datasets import load_fsaverage
from numpy.typing import NDArray

from stages.core.names.nsd_regions import HCP
from stages.core.names.vocabulary import HEMISPHERES
from stages.core.pictures.surfaces import (
    STANDARD,
    STANDARD_VERTICES,
    Mesh,
    Surface,
    check_mesh,
)
from stages.core.run.errors import InputError
from stages.core.run.files import require_file
from stages.prepare.nsd.packed_files import unpacked
from stages.prepare.nsd.parcellation import OUTSIDE, UNKNOWN, read_names
from stages.prepare.nsd.tree import AVERAGE, OBTAIN, Tree

logger = logging.getLogger("concord.prepare")

Numbers = NDArray[np.int64]
VERTICES = 163842  # of fsaverage
SIDES = dict(zip(HEMISPHERES, ("lh", "rh"), strict=True))
# Of the neighbours with a region, how many have the same; about 4 in 5 on fsaverage5.
SHARED = 0.5
CELL = 3.0  # mm within which the vertices of an own mesh become one


def read_surfaces(tree: Tree, subjects: Sequence[str]) -> dict[str, Surface]:
    """Read where the areas of HCP-MMP1 lie on the standard mesh and on those of subjects.

    Of another atlas there are none: it is drawn region by region, and not on the cortex. Own
    meshes are thinned to what a picture shows. A surface of which some files are missing is left
    out, with a message; one of which all are missing, silently.

    Returns
    -------
    dict of str to Surface
        By subject, or `STANDARD`.

    Raises
    ------
    InputError
        If a file is damaged, of another length than its mesh, or of another atlas.
    """
    found: dict[str, Surface] = {}
    for name in (AVERAGE, *subjects) if tree.atlas == HCP else ():
        if _complete(_needed(tree, name), name):
            names = read_names(tree.region_names(name))
            if name == AVERAGE:
                found[STANDARD] = _standard_surface(tree, names)
            else:
                found[name] = _own_surface(tree, name, names)
    return found


def surface_files(tree: Tree, subjects: Sequence[str]) -> list[Path]:
    """Files that `read_surfaces` reads, besides the names of regions."""
    files: list[Path] = []
    for name in (AVERAGE, *subjects) if tree.atlas == HCP else ():
        needed = _needed(tree, name)
        if all(path.is_file() for path in needed):
            depths = [tree.surface(name, side, "sulc") for side in SIDES.values()]
            files += needed + [path for path in depths if name != AVERAGE and path.is_file()]
    return files


def _needed(tree: Tree, name: str) -> list[Path]:
    labels = [tree.vertex_regions(name, side) for side in SIDES.values()]
    meshes = [tree.surface(name, side, "inflated") for side in SIDES.values()]
    return labels if name == AVERAGE else labels + meshes


def _complete(needed: Sequence[Path], name: str) -> bool:
    absent = [path for path in needed if not path.is_file()]
    if absent and len(absent) < len(needed):
        logger.info("%s: no surface, without %s", name, ", ".join(map(str, absent)))
    return not absent


def _standard_surface(tree: Tree, names: Mapping[int, str]) -> Surface:
    sphere = load_fsaverage(STANDARD)["sphere"]
    labels = {}
    for side, short in SIDES.items():
        path = tree.vertex_regions(AVERAGE, short)
        labels[side] = read_vertex_regions(path, VERTICES, names)[:STANDARD_VERTICES]
        check_order(sphere.parts[side].faces, labels[side], path)
    return Surface(label_table(labels, names))


def _own_surface(tree: Tree, subject: str, names: Mapping[int, str]) -> Surface:
    meshes, labels = {}, {}
    for side, short in SIDES.items():
        mesh = read_mesh(
            tree.surface(subject, short, "inflated"), tree.surface(subject, short, "sulc")
        )
        path = tree.vertex_regions(subject, short)
        numbers = read_vertex_regions(path, len(mesh.coordinates), names)
        check_order(mesh.faces, numbers, path)
        meshes[side], kept = thin(mesh, CELL)
        labels[side] = numbers[kept]
    return Surface(label_table(labels, names), meshes)


def read_vertex_regions(path: Path, expected: int, names: Mapping[int, str]) -> Numbers:
    """Read the region number of every vertex, `.mgz`.

    Parameters
    ----------
    path : Path
    expected : int
        Vertices of the mesh.
    names : dict of int to str
        Areas by number.

    Returns
    -------
    ndarray of int, shape (expected,)
        Numbers of `names`, or `OUTSIDE` or `UNKNOWN`.

    Raises
    ------
    InputError
        If the file is missing or damaged, of another length, or has a number without a name.
    """
    values: NDArray[np.float64] = _read(_read_mgz, path)
    if len(values) != expected:
        what = "labels of another mesh"
        raise InputError(what, where=path, expected=f"{expected} vertices", got=len(values))
    wrong = ~np.isin(values, [OUTSIDE, UNKNOWN, *names])
    if wrong.any():
        known = f"-1 to {max(names)}"
        raise InputError(
            "unknown region number", where=path, expected=known, got=f"{values[wrong][0]:g}"
        )
    return values.astype(np.int64)


def _read_mgz(path: Path) -> NDArray[np.float64]:
    image = nibabel.MGHImage.from_bytes(unpacked(path))
    return np.asarray(image.dataobj, dtype=float).ravel()


def read_mesh(path: Path, sulci: Path) -> Mesh:
    """Read a mesh in FreeSurfer's format, with its sulcal depth if that file is there.

    Raises
    ------
    InputError
        If a file is damaged, or the two are of different length.
    """
    coordinates, faces = _read(read_geometry, path)
    depth = _read(read_morph_data, sulci).astype(np.float32) if sulci.is_file() else None
    if depth is not None and depth.shape != coordinates.shape[:1]:
        raise InputError(
            "depth of another mesh",
            where=sulci,
            expected=f"{len(coordinates)} vertices",
            got=depth.size,
            do=OBTAIN,
        )
    mesh = Mesh(coordinates.astype(np.float32), faces.astype(np.int32), depth)
    check_mesh(mesh, path)
    return mesh


def _read(reader: Callable[[Path], Any], path: Path) -> Any:
    require_file(path, OBTAIN)
    try:
        return reader(path)
    except Exception as error:  # what nibabel raises depends on where the damage is
        raise InputError(
            "truncated or unreadable file of FreeSurfer", where=path, got=error, do=OBTAIN
        ) from error


def check_order(faces: NDArray[np.integer], numbers: Numbers, where: object) -> None:
    """Raise `InputError` if the labels are scattered over the mesh: they are in another order.

    Parameters
    ----------
    faces : ndarray of int, shape (n_faces, 3)
    numbers : ndarray of int, shape (n_vertices,)
    where : object
    """
    ends = numbers[faces[:, [[0, 1], [1, 2], [2, 0]]].reshape(-1, 2)]
    ends = ends[(ends > UNKNOWN).all(axis=1)]
    shared = (ends[:, 0] == ends[:, 1]).mean() if len(ends) else 0.0
    if shared < SHARED:
        raise InputError(
            "labels do not belong to the mesh",
            where=where,
            expected=f"the same region for {SHARED:.0%} of neighbours",
            got=f"{shared:.0%}",
            do=OBTAIN,
        )


def thin(mesh: Mesh, size: float) -> tuple[Mesh, NDArray[np.intp]]:
    """Merge the vertices of a mesh that lie in one cell of a grid (Rossignac and Borrel 1993).

    Parameters
    ----------
    mesh : Mesh
    size : float
        Edge of a cell, in mm.

    Returns
    -------
    Mesh
        A vertex is the mean of those it replaces; triangles that became lines are gone.
    ndarray of int, shape (n_vertices,)
        The old vertex that lies nearest each new one, whose depth it has.
    """
    cells = np.floor(mesh.coordinates / size).astype(np.int64)
    _, cell, counts = np.unique(cells, axis=0, return_inverse=True, return_counts=True)
    cell = cell.ravel()
    sums = [np.bincount(cell, weights=axis) for axis in mesh.coordinates.T.astype(float)]
    means = np.stack(sums, axis=1) / counts[:, None]
    far = np.linalg.norm(mesh.coordinates - means[cell], axis=1)
    order = np.lexsort((far, cell))
    kept = order[np.unique(cell[order], return_index=True)[1]]
    faces = cell[mesh.faces]
    corners = np.sort(faces, axis=1)
    _, first = np.unique(corners, axis=0, return_index=True)
    first = first[(np.diff(corners[first], axis=1) > 0).all(axis=1)]
    sulci = None if mesh.sulci is None else mesh.sulci[kept]
    thinned = faces[np.sort(first)].astype(np.int32)
    return Mesh(means.astype(np.float32), thinned, sulci), kept


def label_table(labels: Mapping[str, Numbers], names: Mapping[int, str]) -> pd.DataFrame:
    """List the vertices of every hemisphere that belong to a region."""
    parts = []
    for side, numbers in labels.items():
        vertices = np.flatnonzero(numbers > UNKNOWN)
        regions = [names[number] for number in numbers[vertices]]
        parts.append(pd.DataFrame({"hemisphere": side, "vertex": vertices, "region": regions}))
    return pd.concat(parts, ignore_index=True)
