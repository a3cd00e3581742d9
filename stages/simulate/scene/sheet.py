"""Labels of the simulated areas on the standard cortical surface, fsaverage."""

import numpy as np
from nilearn.datasets import load_fsaverage
from numpy.typing import NDArray
from scipy.spatial import cKDTree

from stages.simulate.scene.cortical_areas import CORTEX, UNKNOWN, area_number, mirrored

# Vertices of a hemisphere; those of fsaverage5 are the first of them.
VERTICES = 163842
# Millimetres around its centre that belong to an area, where no other centre is nearer.
RADIUS = 16.0


def surface_labels() -> dict[str, NDArray[np.int32]]:
    """Label every vertex of fsaverage with its area, by hemisphere, `lh` and `rh`.

    The areas are patches around the vertex nearest to the centre of each, on the mesh fsaverage5
    that nilearn carries: a schematic atlas, like the simulated volumes. Vertices that only the
    finer meshes have are `UNKNOWN`.

    Returns
    -------
    dict of ndarray of int32, shape (VERTICES,)
    """
    mesh = load_fsaverage("fsaverage5")["white_matter"].parts
    left = [area.centre for area in CORTEX]
    right = [mirrored(centre) for centre in left]
    return {
        "lh": _label(mesh["left"].coordinates, np.array(left)),
        "rh": _label(mesh["right"].coordinates, np.array(right)),
    }


def _label(vertices: NDArray[np.floating], centres: NDArray[np.floating]) -> NDArray[np.int32]:
    _, seeds = cKDTree(vertices).query(centres)
    distance, nearest = cKDTree(vertices[seeds]).query(vertices)
    numbers = np.array([area_number(area.name) for area in CORTEX], np.int32)
    labels = np.full(VERTICES, UNKNOWN, np.int32)
    labels[: len(vertices)] = np.where(distance <= RADIUS, numbers[nearest], UNKNOWN)
    return labels
