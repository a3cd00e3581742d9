import numpy as np
import pytest
from nilearn.datasets import load_fsaverage

from stages.simulate.scene.cortical_areas import CORTEX, UNKNOWN, area_number
from stages.simulate.scene.sheet import RADIUS, VERTICES, surface_labels

COARSE = 10242


@pytest.fixture(scope="module")
def labels():
    return surface_labels()


def test_only_the_vertices_of_the_coarse_mesh_are_labelled(labels):
    assert set(labels) == {"lh", "rh"}
    for found in labels.values():
        assert found.shape == (VERTICES,)
        assert found.dtype == np.int32
        assert (found[COARSE:] == UNKNOWN).all()
        assert set(found) == {UNKNOWN, *(area_number(area.name) for area in CORTEX)}


def test_every_area_is_a_patch_around_its_seed(labels):
    """A plain loop over vertices and seeds gives the same labels."""
    mesh = load_fsaverage("fsaverage5")["white_matter"].parts
    for hemisphere, side, sign in (("lh", "left", 1), ("rh", "right", -1)):
        vertices = mesh[side].coordinates
        seeds = [
            vertices[
                np.linalg.norm(vertices - np.array(area.centre) * (sign, 1, 1), axis=1).argmin()
            ]
            for area in CORTEX
        ]
        for vertex in range(0, COARSE, 37):
            distances = [np.linalg.norm(vertices[vertex] - seed) for seed in seeds]
            nearest = int(np.argmin(distances))
            near = distances[nearest] <= RADIUS
            expected = area_number(CORTEX[nearest].name) if near else UNKNOWN
            assert labels[hemisphere][vertex] == expected


def test_patches_are_large_enough_to_see(labels):
    for found in labels.values():
        counts = [(found == area_number(area.name)).sum() for area in CORTEX]
        assert min(counts) >= 30
