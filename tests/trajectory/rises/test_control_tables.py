"""A family beside its control: a planted difference of rises, and what is said of it."""

import numpy as np
import pandas as pd
import pytest
from scipy.stats import ttest_1samp, ttest_ind

from stages.core.stats.run_intervals import Mean, over_runs_and_others
from stages.trajectory.curves.run_curves import alignment_curves, with_gain
from stages.trajectory.onsets.onset_times import Ends
from stages.trajectory.rises.control_tables import (
    CONTROL_COURSES,
    CONTROLS,
    control_tables,
    verdict_of,
)
from stages.trajectory.rises.run_pairs import Beside
from tests.trajectory.planted_scores import REGIONS, planted_scores

ENDS = Ends(3, 3)
STEPS = [0, 1, 4, 16, 64, 256, 1024, 4096, 16384]
CONTROL = {"read": "shuffled"}


def curves_of(*families, subjects=("group",), weights="", **more):
    """Curves of families: name, seeds, rise, number of the first seed."""
    parts = []
    for of, seeds, rise, first in families:
        scores, _ = planted_scores(seeds, 0.0, of=of, rise=rise, subjects=subjects, **more)
        scores = scores[scores["layer"].eq("layer_01") & scores["step"].isin(STEPS)].copy()
        # Runs differ in height: a step of .3 from one to the next, which no rise may see.
        heights = {seed: 0.3 * seed for seed in range(seeds)}
        scores["score"] += scores["seed"].map(heights)
        scores["seed"] += first
        parts.append(scores.assign(weights=weights))
    return alignment_curves(pd.concat(parts, ignore_index=True), ("r_partial",), 3)


def whole(table, region="all", over="runs"):
    rows = table[table["region"].eq(region)]
    return rows[rows["over"].eq(over)].iloc[0] if "over" in table else rows


def rises(curves, of, region="all"):
    """Naive: the mean of the last three less that of the first three, by seed."""
    rows = curves[curves["of"].eq(of) & curves["layer"].eq("chosen")]
    rows = rows[rows["region"].eq(region) & rows["subject"].eq("group")]
    found = {}
    for seed, run in rows.groupby("seed"):
        values = run.sort_values("step")["value"].to_numpy()
        found[seed] = values[-3:].mean() - values[:3].mean()
    return np.array(list(found.values()))


def test_what_training_adds_is_found_in_every_region():
    curves = curves_of(("read", 4, 0.3, 0), ("shuffled", 4, 0.1, 0))
    table = control_tables(curves, CONTROL, ENDS)["controls"]
    assert list(table) == list(CONTROLS)
    assert set(table["region"]) == {*REGIONS, "all"}
    assert set(table["of"]) == {"read"}
    for region in (*REGIONS, "all"):
        row, differences = whole(table, region), rises(curves, "read", region)
        differences = differences - rises(curves, "shuffled", region)
        both = ttest_1samp(differences, 0).confidence_interval()
        assert row["difference"] == pytest.approx(differences.mean())
        assert row["difference"] == pytest.approx(0.2, abs=0.02)
        assert row["rise"] - row["control_rise"] == pytest.approx(row["difference"])
        assert (row["low"], row["high"]) == pytest.approx((both.low, both.high))
        assert (row["verdict"], row["paired"], row["reason"]) == (
            "beyond its control", "by seed", "",
        )  # fmt: skip
        assert (row["n_runs"], row["n_control_runs"], row["n_left_out"]) == (4, 4, 0)


def test_the_gain_less_the_controls_at_each_step():
    curves = curves_of(("read", 3, 0.3, 0), ("shuffled", 3, 0.1, 0))
    table = whole(control_tables(curves, CONTROL, ENDS)["control_courses"])
    assert list(table) == list(CONTROL_COURSES)
    assert list(table["step"]) == STEPS
    assert table.iloc[0][["gain", "control_gain", "difference"]].tolist() == [0, 0, 0]
    chosen = curves["layer"].eq("chosen") & curves["region"].eq("all") & curves["step"].eq(64)
    gains = curves[chosen].pivot_table(index="seed", columns="of", values="gain")
    row = table[table["step"].eq(64)].iloc[0]
    assert row["difference"] == pytest.approx((gains["read"] - gains["shuffled"]).mean())
    assert row["low"] < row["difference"] < row["high"]


@pytest.mark.parametrize(
    ("rise", "difference", "low", "verdict"),
    [
        (0.3, 0.2, 0.1, "beyond its control"),
        (0.3, 0.2, -0.1, "undecided"),
        (0.3, 0.2, np.nan, "not tested"),
        (0.3, np.nan, np.nan, "not tested"),
        (0.3, 0.0, -0.1, "the control rises as far"),
        (0.3, -0.1, np.nan, "the control rises as far"),
        (-0.1, 0.2, 0.1, "does not rise"),
        (-0.1, -0.2, -0.3, "does not rise"),
    ],
)
def test_verdicts(rise, difference, low, verdict):
    mean = Mean(difference, low, 2 * difference - low, 0.5, 3, "")
    beside = Beside(mean, rise, rise - difference, paired=True, n_other=3, left_out=0)
    assert verdict_of(beside) == verdict


def test_other_seeds_are_compared_as_groups():
    curves = curves_of(("read", 4, 0.3, 0), ("shuffled", 3, 0.1, 7))
    row = whole(control_tables(curves, CONTROL, ENDS)["controls"])
    test = ttest_ind(rises(curves, "read"), rises(curves, "shuffled"), equal_var=False)
    both = test.confidence_interval()
    assert (row["low"], row["high"]) == pytest.approx((both.low, both.high))
    assert (row["paired"], row["n_runs"], row["n_control_runs"]) == ("", 4, 3)
    assert row["verdict"] == "beyond its control"


@pytest.mark.parametrize(("first", "left"), [(0, 2), (1, 2), (2, 2)])
def test_a_single_control_is_paired_with_the_run_of_its_seed(first, left):
    """One run of it tells against a rise, but not for one."""
    curves = curves_of(("read", 3, 0.3, 0), ("shuffled", 1, 0.1, first))
    row = whole(control_tables(curves, CONTROL, ENDS)["controls"])
    difference = rises(curves, "read")[first] - rises(curves, "shuffled")[0]
    assert row["difference"] == pytest.approx(difference)
    assert (row["paired"], row["n_runs"], row["n_left_out"]) == ("by seed", 1, left)
    assert (row["verdict"], row["reason"]) == ("not tested", "one run: no interval over runs")
    assert np.isnan([row["low"], row["high"], row["p"]]).all()
    against = curves_of(("read", 3, 0.1, 0), ("shuffled", 1, 0.3, first))
    row = whole(control_tables(against, CONTROL, ENDS)["controls"])
    assert row["verdict"] == "the control rises as far"


def test_rises_are_over_the_steps_that_all_runs_have():
    curves = curves_of(("read", 2, 0.3, 0), ("shuffled", 2, 0.3, 0))
    late = curves["of"].eq("read") & curves["step"].gt(1024)
    row = whole(control_tables(curves[~late], CONTROL, ENDS)["controls"])
    assert row["difference"] == pytest.approx(0, abs=0.02)
    few = curves["of"].eq("read") & curves["step"].gt(8)
    row = whole(control_tables(curves[~few], CONTROL, ENDS)["controls"])
    assert np.isnan(row["difference"])
    assert (row["verdict"], row["reason"]) == ("not tested", "too few checkpoints in common")
    assert (row["n_runs"], row["n_left_out"]) == (0, 4)


def test_a_control_without_its_start_has_no_gain():
    curves = curves_of(("read", 2, 0.3, 0), ("shuffled", 2, 0.1, 0))
    lost = curves["of"].eq("shuffled")
    without = with_gain(curves[~(lost & curves["step"].eq(0))])
    tables = control_tables(without, CONTROL, ENDS)
    courses = whole(tables["control_courses"])
    assert courses["difference"].isna().all()
    assert set(courses["reason"]) == {"no gain without a step 0"}
    assert whole(tables["controls"])["difference"] == pytest.approx(0.2, abs=0.03)


def test_subjects_are_resampled_with_the_runs():
    people = ("s1", "s2", "s3")
    curves = curves_of(("read", 3, 0.3, 0), ("shuffled", 3, 0.1, 0), subjects=people)
    table = control_tables(curves, CONTROL, ENDS)["controls"]
    row = whole(table, over="runs and subjects")
    rows = curves[curves["layer"].eq("chosen") & curves["region"].eq("all")]
    wide = rows.pivot_table(index=["seed", "subject"], columns=["of", "step"], values="value")
    rise = {
        of: wide[of][STEPS[-3:]].mean(axis=1) - wide[of][STEPS[:3]].mean(axis=1)
        for of in ("read", "shuffled")
    }
    differences = (rise["read"] - rise["shuffled"]).reset_index(name="rise")
    matrix = differences.pivot_table(index="seed", columns="subject", values="rise")[list(people)]
    expected = over_runs_and_others(matrix.to_numpy())
    assert (row["difference"], row["low"], row["high"]) == pytest.approx(
        (expected.value, expected.low, expected.high)
    )
    assert row["verdict"] == "beyond its control"


def test_sizes_are_told_together_and_apart():
    parts = [
        curves_of(("read", 2, rise, 0), ("shuffled", 2, 0.1, 0)).assign(size=size)
        for size, rise in (("70m", 0.2), ("160m", 0.4))
    ]
    table = control_tables(pd.concat(parts, ignore_index=True), CONTROL, ENDS)["controls"]
    found = table[table["region"].eq("all")].set_index("size")["difference"]
    assert found["70m"] == pytest.approx(0.1, abs=0.02)
    assert found["160m"] == pytest.approx(0.3, abs=0.02)
    assert found[""] == pytest.approx((found["70m"] + found["160m"]) / 2)


def test_a_control_that_was_not_measured_is_told():
    curves = curves_of(("read", 2, 0.3, 0), weights="ema")
    for others, reason in (
        ([], "shuffled has no scores"),
        ([curves_of(("shuffled", 2, 0.1, 0), weights="raw")], "shuffled has no ema weights"),
    ):
        both = pd.concat([curves, *others], ignore_index=True)
        [row] = control_tables(both, CONTROL, ENDS)["controls"].to_dict("records")
        assert (row["verdict"], row["reason"]) == ("not tested", reason)
        assert row["control"] == "shuffled"


def test_a_control_without_kinds_of_weights_stands_beside_each():
    control = curves_of(("shuffled", 2, 0.1, 0))
    kinds = [curves_of(("read", 2, 0.3, 0), weights=kind) for kind in ("raw", "ema")]
    table = control_tables(pd.concat([*kinds, control], ignore_index=True), CONTROL, ENDS)
    found = table["controls"].query("region == 'all'").set_index("weights")["difference"]
    assert found.to_dict() == pytest.approx({"raw": 0.2, "ema": 0.2}, abs=0.02)


def test_without_controls_the_tables_are_empty_but_have_their_columns():
    tables = control_tables(curves_of(("read", 1, 0.3, 0)), {"read": ""}, ENDS)
    assert list(tables["controls"]) == list(CONTROLS)
    assert list(tables["control_courses"]) == list(CONTROL_COURSES)
    assert all(table.empty for table in tables.values())


def test_a_control_of_other_sizes_says_so():
    curves = curves_of(("read", 3, 0.3, 0), ("shuffled", 3, 0.1, 0))
    curves.loc[curves["of"].eq("shuffled"), "size"] = "larger"
    tables = control_tables(curves, CONTROL, ENDS)
    for table in tables.values():
        assert set(table["reason"]) == {"no size has runs of both"}
        assert table["difference"].isna().all()


def test_a_run_without_values_is_left_out_and_counted():
    curves = curves_of(("read", 4, 0.3, 0), ("shuffled", 4, 0.1, 0))
    lost = curves["of"].eq("read") & curves["seed"].eq(3)
    curves.loc[lost, ["value", "gain"]] = np.nan
    tables = control_tables(curves, CONTROL, ENDS)
    for table in tables.values():
        assert set(table["n_runs"]) == {3}
        assert set(table["n_left_out"]) == {2}
