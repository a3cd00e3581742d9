"""What is told without a stage: maps, families, and intervals over runs and people."""

import numpy as np
import pandas as pd
import pytest

from stages.calibrate.family_cases import ALONE, family_cases
from stages.calibrate.image_interval_cases import image_interval_cases
from stages.calibrate.interval_cases import interval_cases
from stages.calibrate.map_cases import PERMUTED, map_cases
from stages.calibrate.pair_cases import ONCE, pair_cases
from stages.calibrate.part_cases import ONCE as AS_IF
from stages.calibrate.part_cases import PARTS, part_cases
from stages.calibrate.rates import rates
from stages.calibrate.stage_runs import Study
from stages.core.params.read import read_params
from stages.core.results.calibrations import (
    COVERAGE,
    FALSE_POSITIVES,
    LIBERAL,
    OURS,
    POWER,
)
from tests.conftest import PROJECT


def _rates(observations):
    return rates(pd.concat(observations, ignore_index=True))


def test_smooth_maps_pass_for_gradients_where_regions_are_taken_as_independent():
    table = _rates(map_cases(300, 0))
    nulls = table[table["asks"].eq(FALSE_POSITIVES)].set_index(["situation", "method"])["rate"]
    wide = "maps smooth over 20 mm"
    assert nulls[wide, PERMUTED] > 0.3
    assert nulls[wide, OURS] < 0.12
    power = table[table["asks"].eq(POWER)]["rate"].to_numpy()
    assert (np.diff(power) > 0).all()
    assert power[-1] > 0.9


def test_models_of_families_are_not_independent():
    table = _rates(family_cases(150, 0))
    equal = table[table["layout"].eq("eight equal families")]
    nulls = equal[equal["asks"].eq(FALSE_POSITIVES)].set_index("method")
    assert nulls.loc[ALONE, "verdict"] == LIBERAL
    assert nulls.loc[ALONE, "rate"] > 0.2
    assert nulls.loc[OURS, "rate"] < 0.1
    power = table[table["asks"].eq(POWER)].groupby("situation", sort=False)["rate"].mean()
    assert power.is_monotonic_increasing


def test_intervals_hold_what_they_are_of():
    table = _rates(interval_cases(400, 0))
    assert set(table["asks"]) == {COVERAGE}
    rows = table.set_index(["test", "layout", "situation"])["rate"]
    for runs in (3, 5, 10):
        assert rows["mean lead", f"{runs} runs", "normal leads"] == pytest.approx(0.95, abs=0.035)
    assert rows.loc["jackknife over stimuli"].iloc[0] > 0.88
    skewed = table[table["situation"].eq("skewed leads") & table["layout"].eq("3 runs")]
    assert 0.8 < skewed["rate"].iloc[0] < 0.94


def test_two_models_alike_seldom_differ_and_would_if_fitting_were_forgotten():
    params = read_params(PROJECT / "params.yaml")
    few = params.calibrate.model_copy(update={"simulations": 200})
    table = _rates(pair_cases(Study(params, few, ())))
    assert set(table["layout"]) == {"wehbe", "alice"}
    rates_of = table.groupby("method")["rate"].mean()
    assert rates_of[OURS] < 0.12
    assert rates_of[ONCE] > rates_of[OURS] + 0.05


def test_intervals_of_parts_hold_them_where_there_is_something():
    params = read_params(PROJECT / "params.yaml")
    few = params.calibrate.model_copy(update={"simulations": 200})
    table = _rates(part_cases(Study(params, few, ())))
    assert set(table["test"]) == set(PARTS)
    told = table[table["situation"].ne("noise")].groupby("method")["rate"]
    assert told.min()[OURS] > 0.88
    assert told.mean()[AS_IF] < told.mean()[OURS] - 0.05


def test_intervals_of_predicted_voxels_hold_them_and_models_alike_seldom_differ():
    params = read_params(PROJECT / "params.yaml")
    few = params.calibrate.model_copy(update={"simulations": 300})
    table = _rates(image_interval_cases(Study(params, few, ())))
    for layout, rows in table.groupby("layout"):
        held = rows[rows["asks"].eq(COVERAGE)].groupby("method")["rate"].min()
        assert held[OURS] > 0.88, layout
        differ = rows[rows["asks"].eq(FALSE_POSITIVES)].groupby("method")["rate"]
        assert differ.max()[OURS] < 0.12, layout
        if "parts" in layout:  # of images apart, a fold of 30 for 90 costs little
            assert held[AS_IF] < held[OURS] - 0.05
            assert differ.mean()[AS_IF] > differ.mean()[OURS] + 0.05
