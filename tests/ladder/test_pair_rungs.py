import numpy as np
import pandas as pd
import pytest

from stages.core.results.ladder import FAILS, HOLDS, NOT_ASKED
from stages.ladder.pair_rungs import over_people, same_width, surpasses, turned

ROLL = pd.DataFrame({"model": ["a", "b", "t"], "trained": [True, True, False]})
COLUMNS = [
    "model", "other", "region", "difference", "low", "high", "p", "q", "people_low", "people_high",
    "people_q", "ahead", "behind", "people",
]  # fmt: skip


def pairs(*differences, other="b"):
    """Differences, each of a region, with numbers that are told apart."""
    rows = [
        ("a", other, f"R{at}", value, value - 0.1, value + 0.3, 0.01, 0.02, value - 0.4,
         value + 0.5, 0.04, 5, 2, 8)
        for at, value in enumerate(differences)
    ]  # fmt: skip
    return pd.DataFrame(rows, columns=COLUMNS)


def test_the_model_that_is_ahead_comes_first():
    found = surpasses(pd.concat([pairs(0.2, -0.2, 0.0), pairs(0.5, other="t")]), ROLL)
    assert found[["model", "other"]].to_numpy().tolist() == [["a", "b"], ["b", "a"], ["a", "b"]]
    assert found["region"].tolist() == ["R0", "R1", "R2"]
    numbers = ["value", "low", "high", "people_low", "people_high", "ahead"]
    expected = [
        [0.2, 0.1, 0.5, -0.2, 0.7, 5], [0.2, -0.1, 0.3, -0.3, 0.6, 2],
        [0, -0.1, 0.3, -0.4, 0.5, 5],
    ]  # fmt: skip
    np.testing.assert_allclose(found[numbers].to_numpy(float), expected)
    assert set(found["claim"]) == {"surpasses"}


def test_people_say_it_again_with_numbers_of_their_own():
    claims = surpasses(pairs(0.2, -0.2, 0.1), ROLL)
    claims.loc[claims["region"].eq("R2"), "people_q"] = np.nan
    found = over_people(claims).set_index("region")
    assert list(found.index) == ["R0", "R1"]
    assert found["q"].tolist() == [0.04, 0.04]
    assert found["why"].tolist() == ["ahead in 5 of 8 people", "ahead in 2 of 8 people"]
    assert found["low"].tolist() == pytest.approx([-0.2, -0.3])
    assert found["high"].tolist() == pytest.approx([0.7, 0.6])
    assert set(found["state"]) == {HOLDS}


def test_a_claim_fails_where_a_rung_has_it_the_other_way_round():
    claims = surpasses(pairs(0.2, -0.2, 0.1), ROLL)
    place = ["model", "other", "region", "claim", "state"]
    found = claims.assign(state=HOLDS)[[*place, "value", "low", "high"]]
    other = found.iloc[:1].rename(columns={"model": "other", "other": "model"})
    table = turned(pd.concat([other, found.iloc[1:2]], ignore_index=True), claims)
    table = table.set_index("region")
    assert table["state"].to_dict() == {"R0": FAILS, "R1": HOLDS}
    assert table.loc["R0", ["value", "low", "high"]].tolist() == pytest.approx([-0.2, -0.5, -0.1])
    assert table.loc["R1", ["value", "low", "high"]].tolist() == pytest.approx([0.2, -0.1, 0.3])
    bare = turned(found[place], claims)
    assert bare["state"].tolist() == [HOLDS] * 3


@pytest.mark.parametrize(
    ("ours", "theirs", "state"),
    [([8], [8], HOLDS), ([9], [8], NOT_ASKED), ([7], [8], HOLDS), ([2, 9], [8, 8], NOT_ASKED),
     ([8, 2], [9, 7], NOT_ASKED), ([8, 2], [9, 8], HOLDS)],
)  # fmt: skip
def test_the_widest_of_ours_is_compared_with_the_narrowest_of_theirs(ours, theirs, state):
    rows = [("a", "R0", width) for width in ours] + [("b", "R0", width) for width in theirs]
    widths = pd.DataFrame([*rows, ("a", "R1", 99)], columns=["model", "region", "width"])
    (found,) = same_width(surpasses(pairs(0.2), ROLL), widths).to_dict("records")
    assert found["state"] == state
    wider = "wider than the other, and not compared at its width"
    assert found["why"] == (wider if state == NOT_ASKED else "no wider")
