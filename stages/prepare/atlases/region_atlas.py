"""An atlas, and which of its regions places belong to."""

from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from stages.core.run.errors import InputError
from stages.prepare.atlases.region_rows import NOWHERE, REGION_COLUMNS, warn_empty
from stages.prepare.series.measured_places import Places, to_mm

Rows = NDArray[np.int32]
# Added before rounding down, so that what lies half-way between voxels does not hang on noise.
HALF = 0.5 + 1e-6


class Labels(Protocol):
    """Where the regions of an atlas lie."""

    def rows_at(self, places: Places, where: object) -> Rows:
        """Row in the table of regions of every place, or `NOWHERE`."""


@dataclass(frozen=True)
class Atlas:
    """Regions of a brain.

    Attributes
    ----------
    name : str
    space : str
        Template or mesh it is of, as its file name says; empty where it does not.
    regions : DataFrame
        Columns `REGION_COLUMNS`, one row per region; a hemisphere not known is empty.
    labels : Labels
    files : tuple of Path
        That it was read from.
    """

    name: str
    space: str
    regions: pd.DataFrame
    labels: Labels
    files: tuple[Path, ...]

    def label(self, places: Places) -> pd.DataFrame:
        """Name the region of every place, and warn of regions without any.

        Returns
        -------
        DataFrame
            Columns `REGION_COLUMNS`, one row per place; region is empty outside. The hemisphere
            is the region's, or the place's own where the region has none.

        Raises
        ------
        InputError
            If the atlas is not of such places.
        """
        rows = self.labels.rows_at(places, self.name)
        inside = rows != NOWHERE
        empty = np.setdiff1d(np.arange(len(self.regions)), rows[inside])
        warn_empty(self.regions["region"].iloc[empty].tolist(), f"{self.name}: in these images")
        own = places.table["hemisphere"].to_numpy(str)
        named = {
            name: np.where(inside, self.regions[name].to_numpy(str)[rows], "")
            for name in REGION_COLUMNS
        }
        named["hemisphere"] = np.where(named["hemisphere"] == "", own, named["hemisphere"])
        return pd.DataFrame(named, dtype=str)


def labelled_share(named: pd.DataFrame) -> float:
    """Share of the places that `Atlas.label` named that are in a region."""
    return float((named["region"] != "").mean()) if len(named) else 0.0


@dataclass(frozen=True)
class GridLabels:
    """Regions on the voxels of a grid.

    Attributes
    ----------
    rows : ndarray of int32, shape (x, y, z)
        Rows of the table of regions, or `NOWHERE`.
    affine : ndarray, shape (4, 4)
        From voxel indices to mm.
    """

    rows: Rows
    affine: NDArray[np.float64]

    def rows_at(self, places: Places, where: object) -> Rows:
        """Find the row at the centre of every voxel: that of the nearest voxel of the atlas.

        Of grayordinates, vertices are in no region: a volume names the voxels below the cortex.

        Raises
        ------
        InputError
            If no place is a voxel.
        """
        if not places.on_grid.any():
            expected, got = "an atlas on the surface", "one of a volume"
            raise InputError(
                "atlas of another kind",
                where=where,
                expected=expected,
                got=got,
                do="Set bids.atlas.",
            )
        found = np.full(len(places), NOWHERE, dtype=np.int32)
        found[places.on_grid] = nearest(self.rows, self.affine, places.xyz)
        return found


def nearest(rows: Rows, affine: NDArray[np.float64], xyz: NDArray[np.float64]) -> Rows:
    """Read a grid at its voxels nearest to places in mm, shape (n, 3); outside it is `NOWHERE`.

    A place half-way between two voxels is that of the higher index.
    """
    at = np.floor(to_mm(xyz, np.linalg.inv(affine)) + HALF).astype(np.int64)
    inside = ((at >= 0) & (at < rows.shape)).all(axis=1)
    found = np.full(len(xyz), NOWHERE, dtype=np.int32)
    found[inside] = rows[tuple(at[inside].T)]
    return found
