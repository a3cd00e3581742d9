import numpy as np
import pandas as pd
import pytest

from stages.core.run.errors import InputError
from stages.prepare.atlases.region_rows import NOWHERE, is_region, named_side, rows_of


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


@pytest.mark.parametrize("off", [0.0, 0.0009, -0.0009])
def test_labels_next_to_whole_numbers_are_these(off):
    table = pd.DataFrame({"region": ["A", "B"]}, index=[3, 7])
    found = rows_of(np.array([[7, 0], [3, 4]]) + off, table, "x")
    assert found.tolist() == [[1, NOWHERE], [0, NOWHERE]]


@pytest.mark.parametrize("value", [2.9985, 3.0015, np.nan, np.inf])
def test_labels_that_are_no_whole_numbers_are_told(value):
    table = pd.DataFrame({"region": ["A"]}, index=[3])
    with pytest.raises(InputError, match=f"label that is no whole number in x: got {value:g}"):
        rows_of(np.array([3, value]), table, "x")
