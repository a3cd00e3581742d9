import pytest

from stages.prepare.atlases.region_rows import is_region, named_side


@pytest.mark.parametrize(
    ("name", "side"),
    [
        ("Heschl_L", "L"),
        ("R_V1", "R"),
        ("ctx-lh-bankssts", "L"),
        ("7Networks_RH_Vis_1", "R"),
        ("Left-Thalamus-Proper", "L"),
        ("LeftThalamus", "L"),
        ("hippocampusRight", "R"),
        ("accumbens_left", "L"),
        ("lh.V1", "L"),
        ("47l", ""),
        ("OP2-3", ""),
        ("Vermis_3", ""),
        ("Lingual", ""),
        ("Rectus", ""),
        ("Leftover", ""),
        ("left_to_right", ""),
        ("R_left_thing_L", "L"),
        ("brainStem", ""),
    ],
)
def test_names_say_their_hemisphere(name, side):
    assert named_side(name) == side


def test_what_is_no_region():
    names = ["", "???", "Background", "unknown", "Medial_Wall", "L_???", "n/a"]
    names.append("Background+FreeSurfer_Defined_Medial_Wall")
    assert not any(map(is_region, names))
    assert all(map(is_region, ["V1", "medial", "Unknown_area", "wall"]))
