import numpy as np
import pandas as pd
import pytest
from scipy.stats import beta

from stages.core.results.ladder import FAILS, HOLDS, NOT_ASKED
from stages.ladder.rungs import (
    against_twins,
    beside_untrained,
    count_people,
    of_ceiling,
    of_everybody,
    of_people,
    shown,
    significant,
    with_intervals,
)


def table(columns, *rows):
    return pd.DataFrame(rows, columns=columns.split())


def test_a_group_is_shown_before_the_mean_and_that_before_people():
    rows = table(
        "model region metric subject",
        *[("a", "A", "r", who) for who in ("group", "mean", "x")],
        *[("a", "B", "r", who) for who in ("mean", "x")],
        *[("b", "A", "r", who) for who in ("x", "y")],
        ("a", "A", "s", "x"),
    )  # fmt: skip
    kept = shown(rows).to_numpy().tolist()
    assert kept == [
        ["a", "A", "r", "group"], ["a", "B", "r", "mean"], ["b", "A", "r", "x"],
        ["b", "A", "r", "y"], ["a", "A", "s", "x"],
    ]  # fmt: skip
    pairs = shown(rows.assign(other=["c", "d", "c", *"cccccc"][: len(rows)]))
    assert pairs["subject"].tolist()[:2] == ["group", "mean"]


def test_people_are_averaged_and_the_largest_q_counts():
    rows = table(
        "model region subject score q ceiling",
        ("a", "C", "y", 0.7, 0.02, 0.9),
        ("a", "A", "x", 0.1, 0.01, 0.5), ("a", "A", "x", 0.3, 0.03, 0.7),
        ("a", "A", "x", 0.2, 0.09, 0.6), ("a", "A", "y", 0.6, 0.04, 0.8),
        ("a", "B", "x", 0.5, 0.02, np.nan), ("a", "B", "y", 0.7, np.nan, 0.8),
    )  # fmt: skip
    found = of_everybody(rows).set_index("region")
    assert list(found.index) == ["C", "A", "B"], "in the order of the table"
    assert found["value"].to_dict() == pytest.approx({"A": 0.4, "B": 0.6, "C": 0.7})
    assert found["q"].to_dict() == pytest.approx({"A": 0.04, "B": np.nan, "C": 0.02}, nan_ok=True)
    expected = {"A": 0.7, "B": np.nan, "C": 0.9}
    assert found["ceiling"].to_dict() == pytest.approx(expected, nan_ok=True)
    assert found["why"].tolist() == ["", *["the largest q of 2 people"] * 2]
    assert set(found["claim"]) == {"predicts"}


@pytest.mark.parametrize(
    ("value", "q", "state"),
    [(0.1, 0.049, HOLDS), (0.1, 0.05, FAILS), (0.0, 0.01, FAILS), (-0.1, 0.01, FAILS),
     (0.1, np.nan, FAILS)],
)  # fmt: skip
def test_what_is_positive_below_the_level_holds(value, q, state):
    (found,) = significant(table("value q", (value, q)))["state"]
    assert found == state


def test_intervals_stand_beside_the_scores_of_their_place():
    rows = table("model region value", ("a", "A", 1.0), ("a", "B", 2.0))
    intervals = table("model region low high more", ("a", "B", 1.5, 2.5, 9), ("c", "A", 0, 1, 9))
    found = with_intervals(rows, intervals)
    assert list(found) == ["model", "region", "value", "low", "high"]
    assert found["low"].isna().tolist() == [True, False]
    assert found["high"].iloc[1] == 2.5
    for twice in (with_intervals, lambda one, other: with_intervals(other, one)):
        with pytest.raises(pd.errors.MergeError):
            twice(rows.assign(low=0.0, high=1.0), pd.concat([intervals, intervals]))


ROLL = table("model trained", ("a", True), ("b", True), ("t1", False), ("t2", False))


def pairs(*rows):
    return table("model other region difference q low high", *[(*row, -1.0, 1.0) for row in rows])


def test_only_untrained_ones_are_twins():
    rows = pairs(("a", "b", "A", 0.1, 0.01), ("a", "t1", "A", 0.2, 0.01))
    assert beside_untrained(rows, ROLL)["other"].tolist() == ["t1"]
    assert against_twins(rows.iloc[:1], ROLL).empty


@pytest.mark.parametrize(
    ("one", "two", "value", "state"),
    [
        ((0.1, 0.04), (0.3, 0.01), 0.1, HOLDS),  # the larger q
        ((0.1, 0.01), (0.3, 0.04), 0.3, HOLDS),
        ((0.1, 0.06), (0.3, 0.01), 0.1, FAILS),
        ((-0.1, 0.01), (0.3, 0.9), -0.1, FAILS),  # a twin that scores higher
        ((-0.1, 0.9), (-0.3, 0.01), -0.3, FAILS),  # the best of these
        ((0.0, 0.01), (0.3, 0.9), 0.0, FAILS),
        ((0.1, np.nan), (0.3, 0.01), 0.3, HOLDS),
    ],
)
@pytest.mark.parametrize("turned", [False, True])
def test_the_twin_that_speaks_against_a_model_most_counts(one, two, value, state, turned):
    rows = pairs(("a", "t1", "A", *one), ("a", "t2", "A", *two), ("a", "b", "A", -9.0, 0.5))
    (found,) = against_twins(rows.iloc[::-1] if turned else rows, ROLL).to_dict("records")
    assert (found["value"], found["state"]) == (value, state)
    assert found["why"] == "nearest of 2 twins"
    assert (found["other"], found["claim"], found["low"]) == ("", "predicts", -1.0)


def test_a_single_twin_is_not_called_the_nearest():
    (found,) = against_twins(pairs(("a", "t1", "A", 0.2, 0.01)), ROLL).to_dict("records")
    assert (found["why"], found["state"]) == ("", HOLDS)
    assert against_twins(pairs(("a", "t1", "A", 0.2, np.nan)), ROLL).empty


def test_people_are_counted_by_their_median_voxel():
    rows = table(
        "model region subject p",
        *[("a", "A", "x", p) for p in (0.01, 0.04, 0.9)],
        *[("a", "A", "y", p) for p in (0.01, 0.05, 0.9)],
        *[("a", "A", "z", p) for p in (0.01, 0.02)],
        ("a", "B", "x", 0.5),
    )  # fmt: skip
    found = count_people(rows).set_index("region")
    assert found.loc["A", ["found", "people"]].tolist() == [2, 3]
    assert found.loc["B", ["found", "people"]].tolist() == [0, 1]


def lowest(found, people):
    """The share of which so many would be found in 2.5 % of samples, by a test of 5 %."""
    return (beta.ppf(0.025, found, people - found + 1) - 0.05) / 0.95


def test_most_people_means_an_interval_above_half():
    counts = table("model region found people", ("a", "A", 8, 8), ("a", "B", 9, 20),
                   ("a", "C", 19, 20), ("a", "D", 2, 2))  # fmt: skip
    found = of_people(counts).set_index("region")
    assert found["state"].to_dict() == {"A": HOLDS, "B": FAILS, "C": HOLDS, "D": NOT_ASKED}
    assert found.loc["D", "why"] == "2 of 2 people: too few to tell of most"
    assert found.loc["B", "why"] == "9 of 20 people"
    assert found.loc["B", "value"] == pytest.approx((9 / 20 - 0.05) / 0.95)
    assert found.loc["B", "low"] < found.loc["B", "value"] < found.loc["B", "high"]
    empty = of_people(counts.iloc[:0])
    assert list(empty)[:7] == ["model", "region", "state", "why", "value", "low", "high"]


@pytest.mark.parametrize(("value", "state"), [(0.4, HOLDS), (0.399, FAILS), (0.5, HOLDS)])
def test_a_share_of_the_ceiling_is_asked_for(value, state):
    scores = table("model region value low high ceiling", ("a", "A", value, 0.2, 0.6, 0.8))
    none = scores.assign(ceiling=0.0), scores.assign(ceiling=np.nan), scores.assign(ceiling=-0.1)
    (found,) = of_ceiling(pd.concat([scores, *none]), 0.5).to_dict("records")
    assert (found["value"], found["low"], found["high"]) == pytest.approx((value / 0.8, 0.25, 0.75))
    assert (found["state"], found["why"]) == (state, "at least 0.5 of the ceiling asked for")
    assert np.isnan(found["q"])
