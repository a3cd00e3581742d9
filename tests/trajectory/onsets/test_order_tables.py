import numpy as np
import pandas as pd
import pytest

from stages.trajectory.onsets.order_tables import ORDER, order_table
from stages.trajectory.planted.family_truth import FamilyTruth

HALVES = pd.DataFrame({"layer_00": [1.0], "layer_01": [2.0]})


def onsets(times, *, layer="chosen", **changed):
    """Half times of alignment, by place, of runs one after the other."""
    rows = [
        {"seed": seed, "region": place, "octave": octave}
        for place, octaves in times.items()
        for seed, octave in enumerate(octaves)
    ]
    told = {"of": "f", "size": "", "weights": "", "measure": "r", "side": "alignment"}
    told |= {"subject": "group", "share": 0.5, "layer": layer}
    return pd.DataFrame(rows).assign(**told | changed)


def of_layers(times):
    table = onsets(times)
    return table.assign(layer=table["region"], region="all")


def test_places_are_ranked_by_their_time_within_runs():
    times = {"B": [3, 14], "A": [2, 10], "C": [7, 15]}
    table = order_table(onsets(times), {}, 20)
    assert list(table) == list(ORDER)
    places = table[table["place"].ne("")].set_index("place")
    assert places["octave"].to_dict() == {"A": -2.5, "B": 0.0, "C": 2.5}
    assert places["rank"].to_dict() == {"A": 1, "B": 2, "C": 3}
    assert set(places["against"]) == {""}
    assert set(places["n_runs"]) == {2}
    assert places["low"].lt(places["octave"]).all()
    assert places["high"].gt(places["octave"]).all()
    assert set(table["axis"]) == {"region"}
    (row,) = table[table["place"].eq("")].to_dict("records")
    assert (row["against"], row["left_out"]) == ("other runs", "")
    assert row["rho"] == pytest.approx(1)


@pytest.mark.parametrize(
    "changed",
    [{"share": 0.25}, {"side": "performance"}, {"subject": "x"}, {"layer": "layer_00"}],
)
def test_other_rows_have_no_part(changed):
    table = order_table(onsets({"A": [1, 2], "B": [2, 3], "C": [3, 4]}, **changed), {}, 20)
    assert table.empty
    assert list(table) == list(ORDER)


def test_the_whole_is_no_region_and_networks_are_an_axis_of_their_own():
    times = {"V1": [1, 2], "7m": [2, 3], "VIS": [1, 2], "DMN": [2, 4], "all": [9, 9]}
    table = order_table(onsets(times), {}, 20)
    axes = table[table["place"].ne("")].groupby("axis")["place"].agg(set)
    assert axes.to_dict() == {"region": {"7m", "V1"}, "network": {"DMN", "VIS"}}


def test_layers_are_held_against_their_depth_and_the_truth():
    times = {"layer_02": [3, 5], "layer_00": [1, 3], "layer_01": [2, 4]}
    halves = pd.DataFrame({"layer_01": [1.0], "layer_00": [2.0], "layer_02": [3.0]})
    truth = {"f": FamilyTruth(halves, [], 1.0)}
    table = order_table(of_layers(times), truth, 20)
    rows = table[table["against"].ne("")].set_index("against")
    assert set(table["axis"]) == {"layer"}
    assert rows["rho"].to_dict() == pytest.approx({"depth": 1.0, "truth": 0.5, "other runs": 1.0})
    assert rows.loc["depth", "n_runs"] == 2
    other = order_table(of_layers(times).assign(of="g"), truth, 20)
    assert set(other["against"]) == {"", "depth", "other runs"}


@pytest.mark.parametrize(("known", "held"), [("A B", False), ("A B C", True), ("C D A B", True)])
def test_a_truth_needs_three_places_in_common(known, held):
    truth = {"f": FamilyTruth(HALVES, known.split(), 1.0)}
    table = order_table(onsets({"A": [1, 2], "B": [2, 3], "C": [3, 4], "X": [0, 0]}), truth, 20)
    rows = table[table["against"].eq("truth")]
    assert len(rows) == held
    if held:
        assert rows["rho"].iloc[0] == pytest.approx(1.0 if known == "A B C" else -0.5)


def test_places_without_a_time_in_some_run_are_left_out_and_runs_without_any():
    missing = [np.nan] * 3
    times = {"A": [1, 2, np.nan], "B": [2, np.nan, np.nan], "C": [3, 4, np.nan], "D": missing}
    table = order_table(onsets(times), {}, 20)
    assert table.loc[table["place"].ne(""), "place"].tolist() == ["A", "C"]
    row = table[table["against"].eq("other runs")].iloc[0]
    assert row["left_out"] == "B, D"
    assert np.isnan(row["rho"])
    few = order_table(onsets({"A": [1, 2], "B": [2, np.nan]}), {}, 20)
    (row,) = few.to_dict("records")
    assert (row["reason"], row["left_out"], row["n_runs"], row["place"], row["against"]) == (
        "fewer than two places have a time in all runs", "B", 2, "", "",
    )  # fmt: skip


def test_families_keep_their_order():
    times = {"A": [1, 2], "B": [2, 3], "C": [3, 4]}
    both = pd.concat([onsets(times, of=of) for of in "gf"])
    assert order_table(both, {}, 20)["of"].unique().tolist() == ["g", "f"]
