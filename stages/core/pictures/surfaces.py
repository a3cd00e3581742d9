"""The cortical surface of a recording: which vertices of a mesh belong to which region.

A recording folder may hold, for the pictures:

- `surface.parquet`: the regions on the standard mesh `fsaverage5` (10,242 vertices a hemisphere).
- `<subject>/surface.parquet` and `<subject>/mesh.safetensors`: the same on the subject's own mesh,
  which is `left.coordinates` (float32, vertices × 3, mm), `left.faces` (int32, triangles × 3,
  vertices from 0) and, where it is known, `left.sulci` (float32, vertices; depth, more than 0 in
  a sulcus), and so for `right`.

A table of labels has the columns hemisphere (`left` or `right`), vertex (from 0) and region;
vertices of no region are absent.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from safetensors import SafetensorError
from safetensors.numpy import load_file, save_file

from stages.core.names.vocabulary import HEMISPHERES
from stages.core.run.errors import InputError
from stages.core.run.files import atomic, lies_there, require_file
from stages.core.run.tables import read_table, write_table

STANDARD = "fsaverage5"
STANDARD_VERTICES = 10242
LABEL_COLUMNS = ("hemisphere", "vertex", "region")
LABELS, MESH = "surface.parquet", "mesh.safetensors"
RERUN = "Run `dvc repro prepare_scene`."


@dataclass(frozen=True)
class Mesh:
    """The surface of one hemisphere.

    Attributes
    ----------
    coordinates : ndarray of float32, shape (n_vertices, 3)
        Millimetres to the right, front and top.
    faces : ndarray of int32, shape (n_faces, 3)
        Vertices of each triangle.
    sulci : ndarray of float32, shape (n_vertices,), or None
        Sulcal depth; None if it is not known.
    """

    coordinates: NDArray[np.float32]
    faces: NDArray[np.int32]
    sulci: NDArray[np.float32] | None = None


@dataclass(frozen=True)
class Surface:
    """Regions on a mesh.

    Attributes
    ----------
    labels : DataFrame
        Columns `LABEL_COLUMNS`.
    meshes : dict of str to Mesh
        Of each hemisphere; empty for the standard mesh, which is not stored.
    """

    labels: pd.DataFrame
    meshes: dict[str, Mesh] = field(default_factory=dict)


def write_surfaces(folder: Path, surfaces: Mapping[str, Surface]) -> None:
    """Check and write surfaces, by subject, or under `STANDARD`, to the folder of a recording.

    Raises
    ------
    InputError
        If a label or a mesh is wrong.
    """
    for name, surface in surfaces.items():
        check_surface(name, surface, folder)
    for name, surface in surfaces.items():
        place = _place(folder, name)
        write_table(place / LABELS, surface.labels)
        if surface.meshes:
            with atomic(place / MESH) as partial:
                save_file(_tensors(surface.meshes), partial)


def read_surfaces(folder: Path) -> dict[str, Surface]:
    """Read the surfaces that a recording has: `STANDARD` first, then subjects by name.

    Raises
    ------
    InputError
        If a file is damaged, or a label or a mesh is wrong.
    """
    names = [STANDARD] if lies_there(folder / LABELS) else []
    names += sorted(path.parent.name for path in folder.glob(f"*/{LABELS}"))
    surfaces = {}
    for name in names:
        place = _place(folder, name)
        labels = read_table(place / LABELS, LABEL_COLUMNS, RERUN)
        meshes = {} if name == STANDARD else _read_meshes(place / MESH)
        surfaces[name] = Surface(labels, meshes)
        check_surface(name, surfaces[name], folder)
    return surfaces


def _place(folder: Path, name: str) -> Path:
    return folder if name == STANDARD else folder / name


def _tensors(meshes: Mapping[str, Mesh]) -> dict[str, NDArray[np.generic]]:
    return {
        f"{side}.{name}": np.ascontiguousarray(values)
        for side, mesh in meshes.items()
        for name, values in vars(mesh).items()
        if values is not None
    }


def _read_meshes(path: Path) -> dict[str, Mesh]:
    require_file(path, RERUN)
    try:
        found = load_file(path)
        return {
            side: Mesh(
                found[f"{side}.coordinates"], found[f"{side}.faces"], found.get(f"{side}.sulci")
            )
            for side in HEMISPHERES
        }
    except (SafetensorError, KeyError) as error:
        raise InputError("unreadable mesh", where=path, got=error, do=RERUN) from error


def check_surface(name: str, surface: Surface, where: object) -> None:
    """Raise `InputError` unless labels and meshes belong together."""
    where = f"{where}: surface of {name}"
    if name == STANDARD:
        sizes = dict.fromkeys(HEMISPHERES, STANDARD_VERTICES)
    else:
        if set(surface.meshes) != set(HEMISPHERES):
            raise InputError(
                "mesh missing", where=where, expected=HEMISPHERES, got=list(surface.meshes)
            )
        sizes = {side: len(mesh.coordinates) for side, mesh in surface.meshes.items()}
    for side, mesh in surface.meshes.items():
        check_mesh(mesh, f"{where}, {side}")
    _check_labels(surface.labels, sizes, where)


def check_mesh(mesh: Mesh, where: object) -> None:
    """Raise `InputError` unless the arrays of a mesh belong together."""
    size = len(mesh.coordinates)
    sulci = np.zeros(size) if mesh.sulci is None else mesh.sulci
    shapes = mesh.coordinates.shape, mesh.faces.shape, sulci.shape
    if shapes != ((size, 3), (len(mesh.faces), 3), (size,)) or not len(mesh.faces):
        expected = "vertices × 3, triangles × 3, and one depth per vertex"
        raise InputError("wrong shape", where=where, expected=expected, got=shapes)
    if not (np.isfinite(mesh.coordinates).all() and np.isfinite(sulci).all()):
        raise InputError("values that are not finite", where=where)
    if mesh.faces.min() < 0 or mesh.faces.max() >= size:
        raise InputError("triangle of an unknown vertex", where=where, expected=f"0 to {size - 1}")


def _check_labels(labels: pd.DataFrame, sizes: Mapping[str, int], where: str) -> None:
    if labels.empty:
        raise InputError("no labelled vertex", where=where)
    unknown = set(labels["hemisphere"]) - set(HEMISPHERES)
    if unknown:
        raise InputError("unknown hemisphere", where=where, expected=HEMISPHERES, got=unknown)
    outside = (labels["vertex"] < 0) | (labels["vertex"] >= labels["hemisphere"].map(sizes))
    if outside.any():
        row = labels[outside].iloc[0]
        expected = f"0 to {sizes[row['hemisphere']] - 1}"
        raise InputError("unknown vertex", where=where, expected=expected, got=row["vertex"])
    if labels.duplicated(["hemisphere", "vertex"]).any():
        raise InputError("vertex with two labels", where=where)
