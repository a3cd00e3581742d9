"""The part of a volume that a page carries: the box of the voxels that hold anything."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

Affine = NDArray[np.float64]


def box_of(volume: NDArray[Any], affine: Affine) -> tuple[tuple[slice, ...], Affine]:
    """Find the smallest box of a volume that has all of its voxels that are not 0.

    Parameters
    ----------
    volume : ndarray, shape (x, y, z)
    affine : ndarray, shape (4, 4)
        From voxels of the volume to mm.

    Returns
    -------
    tuple of slice
        That cut the box out of the volume.
    ndarray, shape (4, 4)
        From voxels of the box to mm.
    """
    box = tuple(slice(int(at.min()), int(at.max()) + 1) for at in np.nonzero(volume))
    moved = affine.copy()
    moved[:3, 3] += affine[:3, :3] @ [one.start for one in box]
    return box, moved
