"""Maps of decoder weights as decode writes them, of which every weight is known."""

import nibabel
import numpy as np

from stages.decode.weight_maps import write_maps

# To the left, front and top, as scanners often have it: voxels of 3 × 2 × 4 mm.
AFFINE = np.array([[-3.0, 0, 0, 30], [0, 2, 0, -50], [0, 0, 4, -20], [0, 0, 0, 1]])
SHAPE = (9, 8, 7)
PLACES = ((2, 3, 1), (2, 3, 2), (6, 5, 4))  # voxels that are decoded


def millimetres(voxel):
    """Where a voxel lies: to the right, front and top."""
    return (AFFINE @ [*voxel, 1])[:3]


def write_weights(folder, name, features, weights):
    """Write maps of which each feature has a weight at every place, shape (places, features)."""
    volume = np.zeros((*SHAPE, len(features)), np.float32)
    volume[tuple(np.transpose(PLACES))] = weights
    folder.mkdir(parents=True, exist_ok=True)
    write_maps(folder, name, nibabel.Nifti1Image(volume, AFFINE), features)
