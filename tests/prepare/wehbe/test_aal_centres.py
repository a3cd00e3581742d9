import numpy as np
import pytest

from stages.core.names.aal import AAL_NAMES
from stages.prepare.atlases.packaged_volumes import read_aal
from stages.prepare.atlases.region_rows import NOWHERE
from stages.prepare.series.measured_places import to_mm
from stages.prepare.wehbe.aal_centres import CENTRES
from stages.simulate.story.atlas import REGIONS, TINY

LANGUAGE = ("Frontal_Inf_Oper", "Frontal_Inf_Tri", "Frontal_Inf_Orb")
LANGUAGE += ("SupraMarginal", "Angular", "Temporal_Sup")


def test_names_are_the_atlas():
    assert set(CENTRES) <= set(AAL_NAMES)
    assert {f"{name}_{side}" for name in LANGUAGE for side in "LR"} <= set(CENTRES)


@pytest.mark.parametrize("region", REGIONS, ids=lambda region: region.name)
def test_same_centres_as_the_simulation(region):
    assert CENTRES[region.name] == region.centre


@pytest.mark.parametrize("left", [name for name in CENTRES if name.endswith("_L")])
def test_hemispheres_mirror_each_other(left):
    mirrored = np.array(CENTRES[left]) * [-1, 1, 1]
    right = np.array(CENTRES[left.replace("_L", "_R")])
    assert mirrored[0] > 0 < right[0]
    assert np.linalg.norm(mirrored - right) < 12


def test_centres_are_those_of_the_atlas_that_a_package_carries():
    """Its image lies 1 mm further left than that of which the centres were published."""
    atlas = read_aal()
    voxels = np.argwhere(atlas.labels.rows != NOWHERE)
    of, places = atlas.labels.rows[tuple(voxels.T)], to_mm(voxels, atlas.labels.affine)
    moved = places + np.array([1, 0, 0])
    means = np.stack([np.bincount(of, axis) for axis in moved.T]) / np.bincount(of)
    found = dict(zip(atlas.regions["region"], means.T, strict=True))
    for name, centre in (CENTRES | {TINY.name: TINY.centre}).items():
        assert np.abs(found[name] - centre).max() <= 0.5, name
