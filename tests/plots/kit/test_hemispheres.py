import pandas as pd

from stages.plots.kit.hemispheres import MEANS, by_block


def test_hemispheres_stand_together_and_their_means_come_last():
    names = ["right hemisphere", "B_R", "LATL", "A_R", "left hemisphere", "B_L", "A_L"]
    table = by_block(pd.DataFrame({"region": names, "score": range(7)}))
    assert list(table["region"]) == ["A_L", "B_L", "A_R", "B_R", "LATL", *sorted(MEANS)]
    assert list(table["block"]) == ["left", "left", "right", "right", "neither", "mean", "mean"]
    assert list(table["score"]) == [6, 5, 3, 1, 2, 4, 0]


def test_rows_of_a_region_keep_their_order():
    table = by_block(pd.DataFrame({"region": ["B_L", "A_L"] * 20, "score": range(40)}))
    assert list(table["score"]) == [*range(1, 40, 2), *range(0, 40, 2)]


def test_the_means_are_those_that_profile_names():
    assert MEANS == ["left hemisphere", "right hemisphere"]
