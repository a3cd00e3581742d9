import logging

import numpy as np
import pytest

from stages.core.recording.types import TARGET_COLUMNS
from stages.prepare.usable_targets import constant_in_a_run, drop_targets, target_table

RUNS = np.array(["1"] * 5 + ["2"] * 5)


def test_voxels_are_nullable_integers():
    without = target_table(["a"], ["A"], [""])
    assert target_table([7], ["A"], [""])["id"].tolist() == ["7"]
    with_voxels = target_table(["a"], ["A"], ["L"], np.array([[1, 2, 3]]), ceiling=0.5)
    assert tuple(without) == TARGET_COLUMNS
    assert without[["i", "j", "k"]].isna().all(axis=None)
    assert with_voxels.dtypes["i"] == without.dtypes["i"] == "Int64"
    assert with_voxels.loc[0].tolist() == ["a", "A", "L", 1, 2, 3, 0.5]


def test_constant_in_one_run_is_enough(rng):
    series = rng.normal(size=(10, 4))
    series[:, 1] = 712.3
    series[5:, 2] = 0.0
    assert constant_in_a_run(series, RUNS).tolist() == [False, True, True, False]


def test_small_but_varying_is_not_constant():
    series = 1e-8 * np.arange(10.0)[:, None]
    assert not constant_in_a_run(series, RUNS).any()


def test_drop_names_the_first(rng, caplog):
    caplog.set_level(logging.INFO)
    table = target_table([f"v{n}" for n in range(20)], ["Angular_L"] * 20, ["L"] * 20)
    series, kept = drop_targets(rng.normal(size=(10, 20)), table, np.arange(20) > 4, "s", "why")
    assert series.shape == (10, 5)
    assert kept["id"].tolist() == ["v0", "v1", "v2", "v3", "v4"]
    assert "s: 15 of 20 targets dropped, why: v5 (Angular_L), v6 (Angular_L)" in caplog.text
    assert caplog.messages[0].endswith("v12 (Angular_L), …")


def test_drop_all_excludes_the_subject(rng, caplog):
    table = target_table(["LATL", "RATL"], ["LATL", "RATL"], ["L", "R"])
    drop_targets(rng.normal(size=(10, 2)), table, np.array([True, True]), "s33", "constant")
    assert caplog.messages == ["s33 excluded: 2 of 2 targets constant: LATL, RATL"]


def test_drop_nothing(rng, caplog):
    caplog.set_level(logging.INFO)
    table = target_table(["a"], ["A"], [""])
    drop_targets(rng.normal(size=(10, 1)), table, np.array([False]), "s", "why")
    assert not caplog.messages


@pytest.mark.parametrize("sign", [1.0, -1.0])
def test_constant_is_what_varies_by_a_ten_thousandmillionth_at_most(sign):
    series = sign * 1e10 * np.ones((4, 2))
    series[1] -= 1.0, 2.0
    small = 1e-3 * np.arange(4.0)[:, None]
    found = constant_in_a_run(np.hstack([series, small]), np.array(["1"] * 4))
    assert found.tolist() == [True, False, False]


def test_as_many_as_are_named_are_all_named(rng, caplog):
    caplog.set_level(logging.INFO)
    table = target_table([f"v{n}" for n in range(10)], ["A"] * 10, ["L"] * 10)
    _, kept = drop_targets(rng.normal(size=(3, 10)), table, np.arange(10) < 8, "s", "why")
    assert caplog.messages[0].endswith("v7 (A)")
    assert kept.index.tolist() == [0, 1]
    assert tuple(kept) == TARGET_COLUMNS
