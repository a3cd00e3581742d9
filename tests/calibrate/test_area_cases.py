"""Which pairs of areas are judged, and how, by a table of few rows."""

import pandas as pd

from stages.calibrate.area_cases import _between, of_pairs
from stages.calibrate.simulated_areas import NOTHING, PLANTED
from stages.core.results.area_alignment import APART, PEOPLE, PEOPLE_APART
from stages.core.results.calibrations import FALSE_POSITIVES, POWER, RECOVERY

ONE, TWO = NOTHING[:2]


def rows(*told):
    columns = ["kind", "subject", "region", "second_subject", "second_region", "p"]
    return pd.DataFrame(told, columns=columns)


def test_pairs_are_of_one_situation_and_not_of_one_area():
    table = rows(
        (PEOPLE, "s1", f"{ONE}/0", "s2", f"{ONE}/1", 0.01),
        (PEOPLE, "s1", f"{ONE}/0", "s2", f"{ONE}/0", 0.01),
        (PEOPLE, "s1", f"{ONE}/0", "s2", f"{TWO}/1", 0.01),
        (PEOPLE, "s1", f"{TWO}/0", "s2", f"{ONE}/1", 0.01),
        (APART, "s1", f"{ONE}/2", "s1", f"{ONE}/1", 0.5),
        (PEOPLE, "s2", f"{ONE}/1", "s1", f"{ONE}/2", 0.06),
    )
    found = list(of_pairs(table, ONE, 3))
    assert [len(one) for one in found] == [2, 0, 1]
    people, _, apart = found
    assert people["value"].tolist() == [1, 0]
    assert people["left"].tolist() == [f"3:s1{ONE}/0", f"3:s2{ONE}/1"]
    assert people["right"].tolist() == [f"3:s2{ONE}/1", f"3:s1{ONE}/2"]
    assert set(people["test"]) == {PEOPLE}
    assert set(people["asks"]) == {FALSE_POSITIVES}
    assert (apart["left"].item(), apart["test"].item()) == (f"3:s1{ONE}/2", APART)
    planted = rows((PEOPLE_APART, "s1", f"{PLANTED}/0", "s2", f"{PLANTED}/1", 0.2))
    assert set(pd.concat(of_pairs(planted, PLANTED, 0))["asks"]) == {POWER}


def test_people_are_no_ceiling_to_each_other_where_nothing_is_shared():
    table = pd.DataFrame(
        [
            ("between_subject", f"{ONE}/0", 0.1),
            ("between_subject", f"{ONE}/0", 0.3),
            ("between_subject", f"{ONE}/1", -0.1),
            ("between_subject", f"{TWO}/0", 9.0),
            ("split_half", f"{ONE}/0", 9.0),
        ],
        columns=["ceiling_kind", "region", "score"],
    )
    found = _between(table, ONE, 2)
    assert found["value"].round(12).tolist() == [0.2, -0.1]
    names = [f"2:{ONE}/0", f"2:{ONE}/1"]
    assert (found["left"].tolist(), found["right"].tolist()) == (names, names)
    assert (set(found["asks"]), set(found["claim"])) == ({RECOVERY}, {0.0})
    assert set(found["situation"]) == {f"people apart, {ONE}"}
