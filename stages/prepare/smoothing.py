"""Gaussian smoothing in space, within the brain."""

import numpy as np
from nibabel import Nifti1Image
from nilearn.image import smooth_img
from numpy.typing import NDArray

# Scans smoothed at once: bounds the memory of the volumes.
CHUNK = 64


def smooth(
    series: NDArray[np.floating],
    voxels: NDArray[np.int64],
    shape: tuple[int, int, int],
    affine: NDArray[np.float64],
    fwhm: float,
) -> NDArray[np.float32]:
    """Smooth every scan in space.

    What lies outside the brain has no weight: the smoothed volume is divided by the smoothed
    mask, so that voxels at the border are not pulled towards zero.

    Parameters
    ----------
    series : ndarray, shape (n_scans, n_voxels)
    voxels : ndarray of int, shape (n_voxels, 3)
        Indices counted from 0.
    shape : tuple of int
        Dimensions of the volume.
    affine : ndarray, shape (4, 4)
        From voxel indices to millimetres.
    fwhm : float
        Full width at half maximum in mm.

    Returns
    -------
    ndarray of float32, shape (n_scans, n_voxels)
    """
    within = tuple(voxels.T)
    smoothed = np.empty(series.shape, dtype=np.float32)
    weight = _smooth_volumes(np.ones((1, len(voxels))), within, shape, affine, fwhm)
    for start in range(0, len(series), CHUNK):
        rows = slice(start, start + CHUNK)
        smoothed[rows] = _smooth_volumes(series[rows], within, shape, affine, fwhm) / weight
    return smoothed


def _smooth_volumes(
    series: NDArray[np.floating],
    within: tuple[NDArray[np.int64], ...],
    shape: tuple[int, int, int],
    affine: NDArray[np.float64],
    fwhm: float,
) -> NDArray[np.float64]:
    """Smooth rows of voxels as volumes x × y × z × t."""
    volumes = np.zeros((*shape, len(series)))
    volumes[within] = series.T
    image = smooth_img(Nifti1Image(volumes, affine), fwhm)
    smoothed: NDArray[np.float64] = image.get_fdata()[within].T
    return smoothed
