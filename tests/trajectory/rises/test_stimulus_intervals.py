"""Intervals over other stimuli: from planted shares of pieces, and beside those over runs."""

import tracemalloc

import numpy as np
import pandas as pd
import pytest
from scipy.stats import t, ttest_1samp

from stages.core.run.errors import InputError
from stages.core.run.tables import write_table
from stages.core.stats.run_intervals import Mean
from stages.trajectory.curves.piece_curves import PIECE, piece_curves
from stages.trajectory.curves.run_curves import alignment_curves
from stages.trajectory.family_tables import read_pieces, read_scores
from stages.trajectory.onsets.onset_times import Ends
from stages.trajectory.rises.control_tables import control_tables
from stages.trajectory.rises.rise_tables import RISES, rise_table
from stages.trajectory.rises.stimulus_intervals import over_pieces, piece_rises, shares_by_place
from tests.trajectory.planted_scores import SHARES, planted_pieces, planted_scores, write_family

ENDS = Ends(3, 3)
METRICS = ("r_partial",)
PEOPLE = ("s1", "s2")


def planted(*families, **more):
    """Curves and shares of families: name, seeds and rise."""
    parts = [planted_scores(n, 0.0, of=of, rise=rise, **more)[0] for of, n, rise in families]
    scores = pd.concat(parts, ignore_index=True).assign(target="")
    left = planted_pieces(scores)
    return alignment_curves(scores, METRICS, 3), piece_curves(scores, left, METRICS, 3)


def reach(shares=SHARES):
    """Half of Student's interval of a mean of 1 over pieces with these shares."""
    n = len(shares)
    return t.ppf(0.975, n - 1) * np.std(shares, ddof=1) / np.sqrt(n)


@pytest.mark.parametrize("subjects", [("group",), PEOPLE])
def test_shares_average_to_the_curve(subjects):
    curves, pieces = planted(("read", 2, 0.3), subjects=subjects)
    assert list(pieces) == PIECE
    place = ["of", "seed", "step", "region"]
    whole = curves[curves["layer"].eq("chosen") & curves["subject"].isin(["group", "mean"])]
    values = whole.set_index(place)["value"].sort_index()
    found = pieces.pivot_table("value", place, "piece").sort_index()
    pd.testing.assert_index_equal(found.index, values.index)
    np.testing.assert_allclose(found.mean(axis=1), values)
    np.testing.assert_allclose(found, np.outer(values, SHARES))


def test_one_run_has_an_interval_over_stimuli_and_none_over_runs():
    curves, pieces = planted(("read", 1, 0.3))
    table = rise_table(curves, shares_by_place(pieces), ENDS)
    assert list(table) == list(RISES)
    assert set(table["region"]) == {"early", "middle", "late", "all"}
    runs, stimuli = (table[table["over"].eq(over)] for over in ("runs", "stimuli"))
    assert set(runs["reason"]) == {"one run: no interval over runs"}
    assert runs[["low", "high", "p"]].isna().all(axis=None)
    assert set(stimuli["reason"]) == {""}
    np.testing.assert_allclose(stimuli["rise"], runs["rise"])
    np.testing.assert_allclose(stimuli["high"] - stimuli["rise"], reach() * stimuli["rise"])
    np.testing.assert_allclose(stimuli["rise"] - stimuli["low"], reach() * stimuli["rise"])


def test_a_single_run_beside_its_control():
    """It may rise further whatever the stimuli, and is not said to in new runs."""
    curves, pieces = planted(("read", 1, 0.3), ("shuffled", 1, 0.1))
    shares = shares_by_place(pieces)
    table = control_tables(curves, {"read": "shuffled"}, ENDS, shares)["controls"]
    rows = table[table["region"].eq("all")].set_index("over")
    assert rows.loc["runs", "verdict"] == "not tested"
    found = rows.loc["stimuli"]
    assert found["verdict"] == "beyond its control in these runs"
    assert (found["n_runs"], found["n_control_runs"], found["reason"]) == (1, 1, "")
    assert found["difference"] == rows.loc["runs", "difference"]
    assert found["high"] - found["difference"] == pytest.approx(reach() * found["difference"])
    assert 0 < found["p"] < 0.025


def test_runs_that_are_compared_as_groups_are_so_over_stimuli():
    curves, pieces = planted(("read", 4, 0.3), ("shuffled", 3, 0.1))
    curves.loc[curves["of"].eq("shuffled"), "seed"] += 7
    pieces.loc[pieces["of"].eq("shuffled"), "seed"] += 7
    shares = shares_by_place(pieces)
    table = control_tables(curves, {"read": "shuffled"}, ENDS, shares)["controls"]
    rows = table[table["region"].eq("late")].set_index("over")
    found = rows.loc["stimuli"]
    assert found["paired"] == ""
    assert found["difference"] == rows.loc["runs", "difference"]
    assert found["high"] - found["low"] == pytest.approx(2 * reach() * found["difference"])


def test_what_has_no_pieces_says_so():
    curves, pieces = planted(("read", 2, 0.3), ("shuffled", 2, 0.1))
    lost = pieces["of"].eq("shuffled") & pieces["step"].eq(0) & pieces["piece"].eq(1)
    pieces.loc[lost, "value"] = np.nan
    controls = {"read": "shuffled"}
    for shares, reason in (
        ({}, "no scores without each piece of the stimuli"),
        (shares_by_place(pieces), "a piece of the stimuli leaves no score"),
    ):
        table = control_tables(curves, controls, ENDS, shares)["controls"]
        rows = table[table["over"].eq("stimuli")]
        assert set(rows["reason"]) == {reason}
        assert rows[["low", "high", "p"]].isna().all(axis=None)
        assert rows["difference"].notna().all()
        assert "beyond its control in these runs" not in set(rows["verdict"])


def test_a_chosen_layer_without_its_pieces_is_refused():
    scores = planted_scores(2, 0.0)[0].assign(target="")
    left = planted_pieces(scores)
    with pytest.raises(InputError, match="score without pieces is missing in scores of planted"):
        piece_curves(scores, left[left["seed"].ne(1)], METRICS, 3)


def test_many_checkpoints_take_no_more_than_their_number():
    """A row for each score and piece, not for each combination of steps, members and places."""
    parts = []
    for steps in (20, 40):
        places = pd.MultiIndex.from_product(
            [range(steps), [f"r{k}" for k in range(20)], ["s1", "s2"]],
            names=["step", "region", "subject"],
        )
        scores = places.to_frame(index=False).assign(
            of="read", size="", seed=0, weights="", target="", layer="layer_00", kind="hidden",
            metric="r_partial", score=0.1, ceiling=np.nan, dataset="nsd", split="all",
        )  # fmt: skip
        scores["member"] = "step" + scores["step"].astype(str)
        left = planted_pieces(scores)
        tracemalloc.start()
        piece_curves(scores, left, METRICS, 3)
        parts.append(tracemalloc.get_traced_memory()[1])
        tracemalloc.stop()
    assert parts[1] < 2.5 * parts[0]


def test_a_score_that_is_there_twice_without_a_piece_is_refused(tmp_path):
    write_family(tmp_path, "read", *planted_scores(1, 1.0, of="read"))
    scores = read_scores(tmp_path / "scores", tmp_path / "activations", ["read"])
    path = tmp_path / "scores" / "read.pieces.parquet"
    table = pd.read_parquet(path)
    table.loc[1, :] = table.loc[0, :]
    write_table(path, table)
    with pytest.raises(InputError, match="two values of one kind"):
        read_pieces(tmp_path / "scores", scores)


def test_pieces_are_those_of_the_same_members(tmp_path):
    for of in ("read", "gone"):
        write_family(tmp_path, of, *planted_scores(1, 1.0, of=of))
    scores = read_scores(tmp_path / "scores", tmp_path / "activations", ["read"])
    some = scores[scores["step"].ne(64)]
    found = read_pieces(tmp_path / "scores", some)
    assert set(found["member"]) == set(some["member"])
    assert len(found) == len(SHARES) * len(some)
    (tmp_path / "scores" / "read.pieces.parquet").unlink()
    with pytest.raises(InputError, match=r"read\.pieces\.parquet"):
        read_pieces(tmp_path / "scores", scores)


def test_intervals_hold_the_truth_over_draws(rng):
    """Ten pieces of a mean of .2: Student's own interval, and its coverage and one-sided p."""
    values = 0.2 + rng.normal(size=(400, 10))
    held, small = 0, 0
    for shares in values:
        table = pd.DataFrame([shares])
        mean = Mean(shares.mean(), np.nan, np.nan, np.nan, 1, "")
        found = over_pieces([table], lambda one: one.iloc[0, 0], mean)
        test = ttest_1samp(shares, 0, alternative="greater")
        assert found.p == pytest.approx(test.pvalue)
        held += found.low <= 0.2 <= found.high
        small += found.p <= 0.05
    assert 0.925 <= held / 400 <= 0.975
    assert 0.1 < small / 400 < 0.25


def test_a_step_without_one_piece_is_kept_and_one_without_any_is_not():
    rows = [(step, piece, 10.0 * step + piece) for step in (0, 1, 2, 4) for piece in (0, 1)]
    pieces = pd.DataFrame(rows, columns=["step", "piece", "value"]).assign(
        of="f", weights="", measure="r", region="A", size="", seed=0
    )
    lost = pieces["step"].eq(2) | (pieces["step"].eq(4) & pieces["piece"].eq(1))
    pieces["value"] = pieces["value"].mask(lost)
    shares = shares_by_place(pieces)["f", "", "r", "A"]
    assert shares.index.to_list() == [("", 0, 0), ("", 0, 1), ("", 0, 4)]
    np.testing.assert_array_equal(shares, [[0, 1], [10, 11], [40, np.nan]])
    runs = pd.MultiIndex.from_tuples([("", 1), ("", 0)], names=["size", "seed"])
    found = piece_rises(shares, runs, [0, 1], [4])
    np.testing.assert_array_equal(found, [[np.nan, np.nan], [35, np.nan]])
    pd.testing.assert_index_equal(piece_rises(None, runs, [0, 1], [4]).index, runs)


@pytest.mark.parametrize(
    ("n", "reason"), [(1, "no scores without each piece of the stimuli"), (2, "")]
)
def test_two_pieces_have_an_interval_and_one_has_none(n, reason):
    shares = np.array([0.1, 0.3])[:n]
    mean = Mean(shares.mean(), np.nan, np.nan, np.nan, 1, "")
    found = over_pieces([pd.DataFrame([shares])], lambda one: one.iloc[0, 0], mean)
    assert found.reason == reason
    if n == 2:
        reach = ttest_1samp(shares, 0).confidence_interval()
        assert (found.low, found.high) == pytest.approx(tuple(reach))
