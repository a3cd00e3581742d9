"""Where the regions of an atlas on the surface lie, and below it those of grayordinates."""

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from stages.core.run.errors import InputError
from stages.prepare.atlases.region_atlas import Rows, nearest
from stages.prepare.atlases.region_rows import NOWHERE
from stages.prepare.series.measured_places import Places

# Meshes whose first vertices are those of the coarser ones: fsaverage, and fsaverage6 to 3.
NESTED = (163842, 40962, 10242, 2562, 642)


@dataclass(frozen=True)
class MeshLabels:
    """Regions on the vertices of two meshes, and of what lies below the cortex.

    Attributes
    ----------
    rows : dict of str to ndarray of int32, shape (n_vertices,)
        Of each of `SIDES` that has regions: rows of the table of regions, or `NOWHERE`.
    structures : dict of str to int
        Rows of regions that are a whole structure of CIFTI.
    voxels : dict of str to ndarray of int32, shape (x, y, z)
        Rows on a grid of voxels, of each structure of CIFTI.
    affine : ndarray, shape (4, 4), or None
        Of that grid.
    """

    rows: Mapping[str, Rows]
    structures: Mapping[str, int] = field(default_factory=dict)
    voxels: Mapping[str, Rows] = field(default_factory=dict)
    affine: NDArray[np.float64] | None = None

    def rows_at(self, places: Places, where: object) -> Rows:
        """Find the rows of vertices by number, and of voxels within their structure.

        Raises
        ------
        InputError
            If the places are of a volume, or of other meshes.
        """
        if places.kind == "volume":
            raise InputError(
                "atlas of another kind",
                where=where,
                expected="an atlas of a volume",
                got="one on the surface",
                do="Set bids.atlas.",
            )
        found = np.full(len(places), NOWHERE, dtype=np.int32)
        on_mesh = ~places.on_grid
        sides = places.table["hemisphere"].to_numpy(str)
        for side, number in places.vertices.items():
            at = on_mesh & (sides == side)
            rows = self._of_mesh(side, number, where)
            found[at] = rows[places.table.loc[at, "vertex"].to_numpy(np.int64)]
        found[places.on_grid] = self._of_voxels(places)
        return found

    def _of_mesh(self, side: str, n_vertices: int, where: object) -> Rows:
        rows = self.rows.get(side, np.full(n_vertices, NOWHERE, dtype=np.int32))
        nested = len(rows) in NESTED and n_vertices in NESTED and len(rows) > n_vertices
        if len(rows) != n_vertices and not nested:
            expected, got = f"{n_vertices} vertices", len(rows)
            do = "Set bids.atlas to one of the mesh of bids.space."
            raise InputError(
                "atlas of another mesh", where=f"{where}, {side}", expected=expected, got=got, do=do
            )
        return rows[:n_vertices]

    def _of_voxels(self, places: Places) -> Rows:
        structures = places.table.loc[places.on_grid, "structure"].to_numpy(str)
        xyz = places.xyz
        found = np.full(len(structures), NOWHERE, dtype=np.int32)
        for structure in np.unique(structures):
            at = structures == structure
            if structure in self.structures:
                found[at] = self.structures[structure]
            elif structure in self.voxels and self.affine is not None:
                found[at] = nearest(self.voxels[structure], self.affine, xyz[at])
        return found
