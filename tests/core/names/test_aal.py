"""AAL has 116 regions in a known order, and with the other stories' regions no name twice."""

from stages.core.names.aal import AAL_NAMES
from stages.core.names.story_regions import STORY_REGIONS


def test_there_are_116_names_in_the_order_of_the_atlas():
    assert len(AAL_NAMES) == len(set(AAL_NAMES)) == 116
    numbers = {name: number for number, name in enumerate(AAL_NAMES, start=1)}
    known = {
        "Precentral_L": 1, "Frontal_Inf_Oper_L": 11, "Frontal_Inf_Orb_R": 16,
        "SupraMarginal_L": 63, "Angular_R": 66, "Pallidum_L": 75, "Temporal_Sup_L": 81,
        "Temporal_Inf_R": 90, "Cerebelum_10_R": 108, "Vermis_10": 116,
    }  # fmt: skip
    assert {name: numbers[name] for name in known} == known


def test_no_two_stories_have_a_region_of_one_name():
    assert len(STORY_REGIONS) == len(set(STORY_REGIONS)) > 116
