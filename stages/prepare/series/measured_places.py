"""Where the measurements of a person lie: voxels of a grid, vertices of two meshes, or both."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

KINDS = ("volume", "surface", "cifti")
SIDES = ("L", "R")
PLACE_COLUMNS = ("id", "hemisphere", "i", "j", "k", "vertex", "structure")
# Structures of CIFTI-2 that are the cortex of a hemisphere.
CORTEX = {"L": "CIFTI_STRUCTURE_CORTEX_LEFT", "R": "CIFTI_STRUCTURE_CORTEX_RIGHT"}
# Millimetres within which places are the same, or on the plane between the hemispheres.
NEAR = 1e-3


@dataclass(frozen=True)
class Places:
    """Where every column of a person's responses was measured.

    Attributes
    ----------
    kind : str
        One of `KINDS`.
    table : DataFrame
        Columns `PLACE_COLUMNS`: id (`i-j-k`, or `L-01234` of a vertex), hemisphere (`L`, `R` or
        empty), voxel indices from 0 and vertex from 0, missing where they mean nothing, and of
        CIFTI the structure, empty otherwise.
    affine : ndarray, shape (4, 4), or None
        From voxel indices to millimetres to the right, front and top; None without voxels.
    shape : tuple of int or None
        Dimensions of the volume.
    vertices : dict of str to int
        How many the mesh of each of `SIDES` has, those that were not measured included.
    """

    kind: str
    table: pd.DataFrame
    affine: NDArray[np.float64] | None = None
    shape: tuple[int, int, int] | None = None
    vertices: Mapping[str, int] = field(default_factory=dict)

    def __len__(self) -> int:
        return len(self.table)

    @property
    def voxels(self) -> NDArray[np.int64]:
        """Indices of those places that are voxels, in order, shape (n_voxels, 3)."""
        return self.table.loc[self.on_grid, ["i", "j", "k"]].to_numpy(np.int64)

    @property
    def on_grid(self) -> NDArray[np.bool_]:
        """Which places are voxels, shape (n_places,)."""
        return self.table["i"].notna().to_numpy(bool)

    @property
    def xyz(self) -> NDArray[np.float64]:
        """Where the voxels lie, in mm, shape (n_voxels, 3); of vertices no place is known."""
        return np.zeros((0, 3)) if self.affine is None else to_mm(self.voxels, self.affine)


def to_mm(voxels: NDArray[Any], affine: NDArray[Any]) -> NDArray[np.float64]:
    """Places of voxels in mm, shape (n_voxels, 3)."""
    places: NDArray[np.float64] = voxels @ affine[:3, :3].T + affine[:3, 3]
    return places


def side_of(x: NDArray[np.floating]) -> NDArray[np.str_]:
    """Hemisphere by the distance to the right of the midline, in mm; empty on the midline."""
    return np.select([x < -NEAR, x > NEAR], SIDES, default="")


def voxel_table(
    voxels: NDArray[np.int64], hemispheres: NDArray[np.str_], structure: str = ""
) -> pd.DataFrame:
    """Rows of `Places.table` for voxels, shape (n_voxels, 3)."""
    table = pd.DataFrame(
        {"id": [f"{i}-{j}-{k}" for i, j, k in voxels.tolist()], "hemisphere": hemispheres},
        dtype=str,
    )
    for axis, name in enumerate("ijk"):
        table[name] = pd.array(voxels[:, axis], dtype="Int64")
    table["vertex"] = pd.array([pd.NA] * len(voxels), dtype="Int64")
    return table.assign(structure=structure)[list(PLACE_COLUMNS)]


def vertex_table(side: str, vertices: NDArray[np.int64], structure: str = "") -> pd.DataFrame:
    """Rows of `Places.table` for the vertices of one of `SIDES`."""
    table = pd.DataFrame(
        {"id": [f"{side}-{vertex:05d}" for vertex in vertices.tolist()]}, dtype=str
    )
    table["hemisphere"] = side
    for name in "ijk":
        table[name] = pd.array([pd.NA] * len(vertices), dtype="Int64")
    table["vertex"] = pd.array(vertices, dtype="Int64")
    return table.assign(structure=structure)[list(PLACE_COLUMNS)]
