import numpy as np
import pytest

from stages.core.names.aal import AAL_NAMES
from stages.prepare.wehbe.aal_centres import CENTRES
from stages.simulate.story.atlas import REGIONS

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
