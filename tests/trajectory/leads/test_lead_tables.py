"""Which runs have a lead, and why the others have none: leads and null are told beforehand."""

import numpy as np
import pandas as pd
import pytest

from stages.trajectory.curves.curve_shapes import FALLS, FLAT, RISES
from stages.trajectory.leads import lead_tables as module
from stages.trajectory.leads.lead_tables import FIRST, RUN_LEADS, run_leads
from stages.trajectory.onsets.onset_tables import Asked
from stages.trajectory.onsets.onset_times import Ends

ASKED = Asked(shares=(0.25, 0.5), ends=Ends(2, 2), lag=1, draws=5, seed=9)
COLUMNS = ["of", "size", "seed", "weights", "step", "seen", "side", "measure", "layer", "region"]
COLUMNS += ["subject", "value"]


def curve(side, measure, value, *, seed=1, of="f", subject="group", layer="chosen", region="A"):
    """Three checkpoints of one curve, the later first; its values tell it from others."""
    if side == "performance":
        subject, layer, region = "", "", ""
    place = [side, measure, layer, region, subject]
    return [[of, "s", seed, "w", step, 8.0 * step, *place, value + step] for step in (4, 0, 2)]


def last(course):
    """The last value of a curve."""
    return course.values[-1]  # noqa: PD011 (no frame)


@pytest.fixture
def made(monkeypatch):
    """Leads are differences of the curves' last values; the null is two draws and a lost one."""

    def leads(alignment, performance, shares, ends, seed):
        assert (ends, seed) == (ASKED.ends, 9)
        for one in (*alignment, *performance):
            np.testing.assert_array_equal(one.octaves, [-np.inf, 4.0, 5.0])
        apart = [last(a) - last(p) for a, p in zip(alignment, performance, strict=True)]
        return np.array([[gap * share for share in shares] for gap in apart])

    def null(octaves, courses, noise, *, shares, ends, draws, seed):
        assert (draws, seed, ends) == (200, 9, ASKED.ends)
        assert noise == (2.0, 3.0)
        drawn = np.tile(np.array([[1.0, 4.0], [3.0, 8.0]]) + courses, (100, 1))
        drawn[7, 1] = np.nan
        return drawn

    def noise(side, ends):
        """Alignment lies between 0 and 50, performance above or, turned, below."""
        return 2.0 if 0 < last(side[0]) < 50 else 3.0

    monkeypatch.setattr(module, "leads", leads)
    monkeypatch.setattr(module, "pooled_noise", noise)
    monkeypatch.setattr(module, "common_course", lambda octaves, values, ends: 10.0)
    monkeypatch.setattr(module, "null_leads", null)

    def of(*curves, shapes=None):
        table = pd.DataFrame([row for one in curves for row in one], columns=COLUMNS)
        onsets = table.drop(columns=["step", "seen", "value"]).drop_duplicates()
        told = [
            (shapes or {}).get((m, s), RISES)
            for m, s in zip(onsets["measure"], onsets["seed"], strict=True)
        ]
        onsets = pd.concat([onsets.assign(shape=told)] * 2)
        return run_leads(table, onsets, ASKED)

    return of


def test_each_run_has_a_lead_for_each_share_beside_its_null(made):
    found = made(
        curve("alignment", "r", 1.0),
        curve("alignment", "r", 5.0, seed=2),
        curve("performance", "accuracy", 100.0),
        curve("performance", "accuracy", 101.0, seed=2),
        curve("alignment", "r", 50.0, layer="layer_01"),
        curve("alignment", "r", 50.0, of="other"),
    )
    assert found.columns.tolist() == list(RUN_LEADS)
    assert found["lead"].tolist() == [-99 / 4, -99 / 2, -96 / 4, -96 / 2]
    assert found["seed"].tolist() == [1, 1, 2, 2]
    assert found["share"].tolist() == [0.25, 0.5] * 2
    assert found["null_mean"].iloc[[0, 2]].tolist() == [12.0, 12.0]
    assert found["null_sd"].iloc[[0, 2]].tolist() == [1.0, 1.0]
    assert found["null_mean"].iloc[[1, 3]].isna().all()
    assert set(found["reason"]) == {""}
    assert found[
        ["metric", "region", "subject", "measure"]
    ].drop_duplicates().to_numpy().tolist() == [["r", "A", "group", "accuracy"]]


def test_people_have_no_null(made):
    for subject, known in (("s1", False), ("mean", True), ("group", True)):
        found = made(
            curve("alignment", "r", 1.0, subject=subject), curve("performance", "accuracy", 100.0)
        )
        assert found["null_mean"].notna().tolist() == [known, False]
        assert found["null_sd"].notna().tolist() == [known, False]


def test_a_loss_is_turned(made):
    found = made(curve("alignment", "r", 1.0), curve("performance", "loss", 50.0))
    assert found["lead"].tolist() == [(5 + 54) / 4, (5 + 54) / 2]


@pytest.mark.parametrize(
    ("shapes", "reason"),
    [
        ({("r", 1): FALLS}, f"alignment: {FALLS}"),
        ({("r", 1): ""}, "alignment: too few checkpoints"),
        ({("accuracy", 1): FLAT}, f"accuracy: {FLAT}"),
        ({("accuracy", 1): FALLS}, "accuracy: gets worse"),
        ({("accuracy", 1): FALLS, ("r", 1): FLAT}, f"alignment: {FLAT}"),
    ],
)
def test_runs_of_which_a_curve_does_not_rise_say_so(made, shapes, reason):
    curves = [
        curve("alignment", "r", 1.0),
        curve("alignment", "r", 5.0, seed=2),
        curve("performance", "accuracy", 100.0),
        curve("performance", "accuracy", 101.0, seed=2),
    ]
    found = made(*curves, shapes=shapes)
    assert found["seed"].tolist() == [1, 1, 2, 2]
    assert found["reason"].tolist() == [reason, reason, "", ""]
    assert found["lead"].notna().tolist() == [False, False, True, True]
    assert found["share"].tolist() == [0.25, 0.5] * 2
    alone = made(curves[0], curves[2], shapes=shapes)
    assert alone["reason"].tolist() == [reason] * 2


def test_a_run_whose_performance_was_not_measured(made):
    found = made(
        curve("alignment", "r", 1.0),
        curve("alignment", "r", 5.0, seed=2),
        curve("performance", "accuracy", 101.0, seed=2),
    )
    assert found["reason"].tolist() == ["accuracy: not measured"] * 2 + ["", ""]


def test_a_share_that_was_passed_at_first_is_told(made, monkeypatch):
    values = np.array([[np.nan, 0.5]])
    monkeypatch.setattr(module, "leads", lambda *given: values)
    found = made(curve("alignment", "r", 1.0), curve("performance", "accuracy", 100.0))
    assert found["reason"].tolist() == [FIRST, ""]


def test_each_share_has_a_null_of_its_own(made, monkeypatch):
    drawn = np.array([[1.0, 4.0], [3.0, 8.0]])
    monkeypatch.setattr(module, "null_leads", lambda *given, **more: drawn)
    found = made(curve("alignment", "r", 1.0), curve("performance", "accuracy", 100.0))
    assert found["null_mean"].tolist() == [2.0, 6.0]
    assert found["null_sd"].tolist() == [1.0, 2.0]
