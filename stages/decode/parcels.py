"""Parcels: neighbouring voxels that vary alike, averaged."""

import logging

import numpy as np
from nibabel import Nifti1Image
from nilearn.regions import ReNA
from numpy.typing import NDArray

Array = NDArray[np.float64]
Ints = NDArray[np.intp]
NEIGHBOURS = np.vstack([np.eye(3, dtype=int), -np.eye(3, dtype=int)])
ITERATIONS = 20  # of ReNA, as in nilearn's FREM

log = logging.getLogger("concord.decode")


def parcellate(rows: Array, voxels: Ints, percent: float) -> Ints:
    """Agglomerate voxels by recursive nearest neighbours (ReNA, Hoyos-Idrobo et al. 2019).

    The clustering is nilearn's, on a mask cut to the bounding box of the voxels: it visits every
    cell of the mask for every row. A voxel without a neighbour that shares a face is a parcel of
    its own, since nilearn's graph would give its place to another voxel.

    Parameters
    ----------
    rows : ndarray, shape (n_rows, n_voxels)
    voxels : ndarray of int, shape (n_voxels, 3)
        Distinct indices in the volume, in any order.
    percent : float
        Parcels per hundred voxels, at least one parcel; 100 keeps every voxel.

    Returns
    -------
    ndarray of int, shape (n_voxels,)
        Label of each voxel's parcel, from 0, none unused.
    """
    connected = has_neighbour(voxels)
    alone = int((~connected).sum())
    if percent >= 100 or alone == len(voxels):
        return np.arange(len(voxels))
    wanted = int(len(voxels) * percent / 100) - alone
    labels = np.empty(len(voxels), dtype=np.intp)
    labels[~connected] = np.arange(alone)
    labels[connected] = alone + _rena(rows[:, connected], voxels[connected], wanted)
    return labels


def has_neighbour(voxels: Ints) -> NDArray[np.bool_]:
    """Tell which voxels share a face with another one, shape (n_voxels,)."""
    places = {tuple(voxel) for voxel in voxels.tolist()}
    return np.array(
        [any(tuple(near) in places for near in (v + NEIGHBOURS).tolist()) for v in voxels]
    )


def _rena(rows: Array, voxels: Ints, wanted: int) -> Ints:
    corner = voxels.min(axis=0)
    mask = np.zeros(voxels.max(axis=0) - corner + 1, dtype=np.int8)
    mask[tuple((voxels - corner).T)] = 1
    order = np.lexsort(voxels.T[::-1])
    clustering = ReNA(Nifti1Image(mask, np.eye(4)), n_clusters=max(wanted, 1), n_iter=ITERATIONS)
    labels = np.empty(len(voxels), dtype=np.intp)
    with np.errstate(divide="ignore"):  # a component of the mask that has become one parcel
        labels[order] = clustering.fit(_shorten(rows[:, order])).labels_
    return labels


def _shorten(rows: Array) -> Array:
    """Turn rows so that few remain, which keeps all distances between (averaged) columns."""
    if rows.shape[0] <= rows.shape[1]:
        return rows
    return np.asarray(np.linalg.qr(rows, mode="r"))
