"""A made parcellation of the standard mesh: the vertices nearest to each of some points."""

from functools import cache

import numpy as np
import pandas as pd
from nilearn.datasets import load_fsaverage

from stages.core.pictures.surfaces import HEMISPHERES


@cache
def sphere(side):
    """Vertices of the standard mesh on the unit sphere."""
    coordinates = load_fsaverage("fsaverage5")["sphere"].parts[side].coordinates.astype(float)
    return coordinates / np.linalg.norm(coordinates, axis=1, keepdims=True)


@cache
def faces(side):
    return load_fsaverage("fsaverage5")["sphere"].parts[side].faces


def numbers(rng, n_regions):
    """Number each vertex of each hemisphere from 0 to the number of regions."""
    seeds = rng.standard_normal((n_regions + 1, 3))
    seeds /= np.linalg.norm(seeds, axis=1, keepdims=True)
    return {side: np.argmax(sphere(side) @ seeds.T, axis=1) for side in HEMISPHERES}


def label_table(made, names):
    """Table of labels; number 0 is no region, and number k the k-th name."""
    tables = []
    for side, found in made.items():
        table = pd.DataFrame({"hemisphere": side, "vertex": np.arange(len(found))})
        tables.append(table.assign(region=np.array(["", *names])[found])[found > 0])
    return pd.concat(tables, ignore_index=True)
