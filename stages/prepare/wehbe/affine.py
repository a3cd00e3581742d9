"""Whether a file's affine counts voxel indices from 0 or from 1, as its regions tell."""

import logging
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from stages.core.run.errors import InputError
from stages.prepare.matfile import numbers
from stages.prepare.wehbe.aal_centres import CENTRES

logger = logging.getLogger("concord.prepare")

SPM_BASE = 1
MIN_VOXELS = 10
MIN_REGIONS = 5
# Millimetres from the atlas at which a place is no longer the region's.
FAR = 10.0
# Standard error of a median over that of a mean, for normal values.
MEDIAN_ERROR = np.sqrt(np.pi / 2)
# Error that all regions share, in voxels: published centres lie 1 mm right of the atlas's volume.
SHARED_ERROR = 0.1


@dataclass(frozen=True)
class Verdict:
    """From what an affine counts voxel indices.

    Attributes
    ----------
    base : int
        0 or 1.
    decided : bool
        False if the regions do not tell, and the base is SPM's.
    why : str
    n_regions : int
        Regions that were used.
    distances : tuple of float or None
        Median distance of their centres from the atlas in mm, counted from 0 and from 1.
    """

    base: int
    decided: bool
    why: str
    n_regions: int
    distances: tuple[float, float] | None = None


def affine_from_zero(
    matrix: Any, voxels: NDArray[np.int64], regions: Sequence[str], where: str
) -> NDArray[np.float64]:
    """Affine for voxel indices counted from 0; what the file's counts from is logged.

    Parameters
    ----------
    matrix : array, shape (4, 4)
        As in the file.
    voxels : ndarray of int, shape (n_voxels, 3)
        Indices counted from 0.
    regions : sequence of str
        Name of each voxel's region in the AAL atlas.
    where : str

    Raises
    ------
    InputError
        If it is no affine that can be inverted.
    """
    affine = numbers(matrix, where, (4, 4)).astype(float)
    if not np.isfinite(affine).all() or (affine[3] != [0, 0, 0, 1]).any():
        raise InputError("no affine", where=where, expected="last row 0 0 0 1", got=affine[3])
    if np.linalg.matrix_rank(affine[:3, :3]) < 3:
        raise InputError("no affine", where=where, expected="three axes", got=affine[:3, :3])
    verdict = find_base(affine, voxels, regions)
    if verdict.decided:
        logger.info("%s: voxel indices count from %d: %s", where, verdict.base, verdict.why)
    else:
        logger.warning(
            "%s: voxel indices taken to count from %d, as SPM does, but %s: places may be wrong "
            "by a voxel along each axis, or more. Check meta.matrix and meta.ROInumToName.",
            *(where, verdict.base, verdict.why),
        )
    affine[:3, 3] += verdict.base * diagonal(affine)
    return affine


def find_base(
    affine: NDArray[np.float64], voxels: NDArray[np.int64], regions: Sequence[str]
) -> Verdict:
    """Find from what an affine counts indices: the reading that places regions as the atlas does.

    The two readings place every voxel one voxel's diagonal apart. Each region estimates the base
    by its displacement from the atlas along the diagonal, and the median, which a region cut off
    by the field of view hardly moves, must lie two standard errors from half-way. Two suffice:
    half-way is itself far from either truth.

    Parameters
    ----------
    affine : ndarray, shape (4, 4)
    voxels : ndarray of int, shape (n_voxels, 3)
        Indices counted from 0.
    regions : sequence of str
        Name of each voxel's region.
    """
    displaced, step = displacements(affine, voxels, regions), diagonal(affine)
    n_regions = len(displaced)
    if n_regions < MIN_REGIONS:
        why = f"only {n_regions} known regions have {MIN_VOXELS} voxels or more"
        return Verdict(SPM_BASE, False, why, n_regions)
    distances = _median_distance(displaced), _median_distance(displaced + step)
    bases = -displaced @ step / (step @ step)
    error = MEDIAN_ERROR * bases.std(ddof=1) / np.sqrt(n_regions)
    beyond = float(np.median(bases)) - 0.5
    clear = abs(beyond) > 2 * max(error, SHARED_ERROR)
    decided = bool(clear and min(distances) <= FAR)
    base = int(beyond > 0) if decided else SPM_BASE
    why = (
        f"the centres of {n_regions} regions lie {distances[base]:.1f} mm from the atlas, "
        f"{distances[1 - base]:.1f} mm otherwise"
    )
    return Verdict(base, decided, why, n_regions, distances)


def displacements(
    affine: NDArray[np.float64], voxels: NDArray[np.int64], regions: Sequence[str]
) -> NDArray[np.float64]:
    """How far the centre of each known region lies from the atlas's, if indices count from 0.

    Regions of fewer than `MIN_VOXELS` voxels have no centre to speak of.

    Returns
    -------
    ndarray, shape (n_regions, 3)
        In mm.
    """
    groups = pd.DataFrame(voxels).groupby(np.asarray(regions))
    centres = groups.mean()[groups.size() >= MIN_VOXELS]
    centres = centres[centres.index.isin(list(CENTRES))]
    atlas = np.array([CENTRES[name] for name in centres.index]).reshape(-1, 3)
    displaced: NDArray[np.float64] = centres.to_numpy() @ affine[:3, :3].T + affine[:3, 3] - atlas
    return displaced


def diagonal(affine: NDArray[np.float64]) -> NDArray[np.float64]:
    """From a voxel to the next along every axis, in mm: how far apart the two readings are."""
    step: NDArray[np.float64] = affine[:3, :3].sum(axis=1)
    return step


def _median_distance(displaced: NDArray[np.float64]) -> float:
    return float(np.median(np.linalg.norm(displaced, axis=1)))
