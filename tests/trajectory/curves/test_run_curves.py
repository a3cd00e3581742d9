import numpy as np
import pandas as pd
import pytest

from stages.core.run.errors import InputError
from stages.trajectory.curves.run_curves import (
    alignment_curves,
    everywhere,
    measured_scores,
    performance_curves,
    with_gain,
)

RUN = {"of": "f", "size": "", "seed": 0, "weights": ""}


def scores(rows):
    """Scores of one layer: step, region, subject, score, ceiling."""
    told = {"kind": "hidden", "layer": "layer_00", "metric": "r", "null_mean": 0.1, "null_sd": 0.2}
    table = pd.DataFrame(rows, columns=["step", "region", "subject", "score", "ceiling"]).assign(
        **RUN, **told, dataset="read", split="all"
    )
    return table.assign(seen=10.0 * table["step"])


def value_of(curves, column="value", **at):
    at = {"layer": "chosen", "step": 1} | at
    found = curves[np.logical_and.reduce([curves[name].eq(one) for name, one in at.items()])]
    (value,) = found[column]
    return value


def test_people_and_regions_are_averaged_and_gains_are_since_step_0():
    rows = [
        (0, "A", "x", 0.1, 0.5), (0, "A", "y", 0.3, 0.5), (0, "B", "x", 0.0, 0.5),
        (0, "B", "y", 0.0, 0.5), (1, "A", "x", 0.4, 0.5), (1, "A", "y", 0.2, 0.8),
        (1, "B", "x", 0.1, 0.0), (1, "B", "y", 0.7, 0.5),
    ]  # fmt: skip
    curves = alignment_curves(scores(rows), ["r"], 1)
    assert value_of(curves, region="A", subject="mean") == pytest.approx(0.3)
    assert value_of(curves, "relative", region="A", subject="mean") == pytest.approx(0.525)
    assert value_of(curves, "gain", region="A", subject="mean") == pytest.approx(0.1)
    assert value_of(curves, "gain", region="A", subject="y") == pytest.approx(-0.1)
    assert value_of(curves, "null_sd", region="A", subject="mean") == pytest.approx(0.2)
    assert value_of(curves, region="all", subject="mean") == pytest.approx(0.35)
    assert value_of(curves, region="all", subject="mean", layer="layer_00") == pytest.approx(0.35)
    # Without a ceiling nothing is over one, nor is what that is a part of.
    assert np.isnan(value_of(curves, "relative", region="B", subject="x"))
    assert np.isnan(value_of(curves, "relative", region="B", subject="mean"))
    assert np.isnan(value_of(curves, "relative", region="all", subject="mean"))
    layers = curves[curves["layer"].eq("layer_00")]
    assert set(layers["subject"]) == {"mean"}


def test_a_score_that_is_missing_is_not_averaged_away():
    rows = [(1, "A", "x", np.nan, 0.5), (1, "A", "y", 0.2, 0.5)]
    curves = alignment_curves(scores(rows), ["r"], 1)
    assert np.isnan(value_of(curves, region="A", subject="mean", layer="layer_00"))


def test_a_group_is_not_averaged_with_people():
    rows = [(1, "A", "group", 0.9, 0.9), (1, "A", "x", 0.2, 0.5), (1, "A", "y", 0.4, 0.5)]
    curves = alignment_curves(scores(rows).query("subject == 'group'"), ["r"], 1)
    assert set(curves["subject"]) == {"group"}
    both = alignment_curves(scores(rows), ["r"], 1)
    assert set(both.loc[both["layer"].eq("layer_00"), "subject"]) == {"group"}


def test_the_first_metric_that_a_family_has_is_taken_and_heads_are_not():
    rows = scores([(1, "A", "group", 0.9, 0.9)])
    several = pd.concat(
        [rows, rows.assign(metric="s"), rows.assign(metric="s", kind="head"), rows.assign(of="g")]
    )
    one, other = measured_scores(several, ["none", "s", "r"])
    assert one[["of", "metric", "kind"]].to_numpy().tolist() == [["f", "s", "hidden"]]
    assert other[["of", "metric"]].to_numpy().tolist() == [["g", "r"]]
    with pytest.raises(InputError, match=r"metric missing in scores of f: .*got \['r'\]"):
        list(measured_scores(rows, ["s"]))


def test_regions_that_some_member_lacks_are_no_part_of_the_whole():
    rows = [(1, "A", "x", 1, 1), (2, "A", "x", 1, 1), (2, "B", "x", 1, 1)]
    table = scores(rows).assign(value=1.0)
    assert everywhere(table)["region"].tolist() == ["A", "A"]


def test_chosen_layers_are_averaged_over_the_areas_of_each_network():
    """V1 and V2 are visual, 45 is of the default mode; what is no area is of no network."""
    rows = [(1, "V1", "x", 0.2, 0.5), (1, "45", "x", 0.7, 0.5), (1, "V2", "x", 0.4, 0.8),
            (1, "none", "x", 0.9, 0.5)]  # fmt: skip
    table = scores(rows).assign(dataset="nsd-simulated")
    curves = alignment_curves(table, ["r"], 1)
    chosen = curves[curves["layer"].eq("chosen") & curves["subject"].eq("x")]
    found = chosen["region"].tolist()
    assert found == ["V1", "45", "V2", "none", "VIS", "DMN", "all"]
    assert value_of(curves, region="VIS", subject="x") == pytest.approx(0.3)
    assert value_of(curves, "relative", region="VIS", subject="x") == pytest.approx(0.45)
    assert value_of(curves, region="DMN", subject="x") == pytest.approx(0.7)
    assert set(curves.loc[curves["layer"].eq("layer_00"), "region"]) == {*found} - {"VIS", "DMN"}
    elsewhere = alignment_curves(table.assign(dataset="read"), ["r"], 1)
    assert "VIS" not in set(elsewhere["region"])


def test_families_come_in_their_order_and_have_regions_of_their_own():
    parts = [
        scores([(1, region, "x", 0.5, 0.5) for region in regions]).assign(of=of)
        for of, regions in (("z", "BA"), ("a", "C"))
    ]
    curves = alignment_curves(pd.concat(parts), ["r"], 1)
    assert curves["of"].unique().tolist() == ["z", "a"]
    assert list(curves.index) == list(range(len(curves)))
    chosen = curves[curves["layer"].eq("chosen") & curves["subject"].eq("mean")]
    assert chosen[["of", "region"]].to_numpy().tolist() == [
        ["z", "B"], ["z", "A"], ["a", "C"], ["z", "all"], ["a", "all"],
    ]  # fmt: skip
    assert [one["of"].iloc[0] for one in measured_scores(pd.concat(parts), ["r"])] == ["z", "a"]


def test_performance_has_no_place_and_no_null():
    table = pd.DataFrame([RUN | {"measure": "loss"}] * 2)
    table = table.assign(step=[0, 4], seen=[0.0, 40.0], value=[9.0, 6.5])
    curves = performance_curves(table)
    assert set(curves["side"]) == {"performance"}
    assert curves[["layer", "region", "subject", "choice"]].eq("").all(axis=None)
    assert curves[["relative", "null_mean", "null_sd"]].isna().all(axis=None)
    assert curves["gain"].tolist() == [0.0, -2.5]
    without = with_gain(curves[curves["step"].ne(0)].drop(columns="gain"))
    assert without["gain"].isna().all()
    assert without["value"].tolist() == [6.5]
    with pytest.raises(InputError, match="two values at step 0"):
        performance_curves(pd.concat([table, table.iloc[:1]]))
