"""Noise in short runs is found no more than by chance, and what is planted is found."""

import numpy as np
import pandas as pd
import pytest

from stages.calibrate import order_cases as module
from stages.calibrate.observed import Case
from stages.calibrate.order_cases import (
    IN_PLACE,
    LAYOUTS,
    SITUATIONS,
    Series,
    _recording,
    in_place,
    order_cases,
)
from stages.calibrate.rates import rates
from stages.calibrate.stage_runs import Study
from stages.core.params.read import read_params
from stages.core.regression.folds import partition
from stages.core.results.calibrations import FALSE_POSITIVES, OURS, POWER
from tests.conftest import PROJECT

RUNS = np.repeat(np.arange(400), 6)


def _lag(series, step):
    return np.mean([np.corrcoef(one[step:], one[:-step])[0, 1] for one in series.T])


@pytest.mark.parametrize("memory", [0.0, 0.9])
def test_series_remember_as_they_should_across_runs_or_within_them(rng, memory):
    drifting = Series(memory).draw(RUNS, rng)
    apart = Series(memory, apart=True).draw(RUNS, rng)
    assert drifting.std() == pytest.approx(1, abs=0.1)
    assert _lag(drifting, 1) == pytest.approx(memory, abs=0.05)
    firsts, lasts = apart[::6][1:], apart[5::6][:-1]
    assert abs(np.mean(firsts * lasts)) < 0.05
    assert np.mean(apart[1::6] * apart[::6]) == pytest.approx(memory, abs=0.05)


def test_levels_and_transients_are_of_runs(rng):
    level = SITUATIONS["levels of runs"].draw(RUNS, rng).reshape(400, 6, -1)
    assert level.mean(axis=1).var() > 4 * level.var(axis=1).mean()
    locked = SITUATIONS["locked to run onset"].draw(RUNS, rng).reshape(400, 6, -1).mean(axis=0)
    assert (np.abs(locked[0]) > 1.5 * np.abs(locked[3])).all()


def test_rows_shifted_in_place_stay_in_their_segment(rng):
    segments = np.repeat([0, 1], [5, 8])
    orders = in_place(segments, 50, rng)
    assert (segments[orders] == segments).all()
    assert (orders != np.arange(13)).all()
    assert set(np.unique((orders[:, :5] - np.arange(5)) % 5)) == {1, 2, 3, 4}


def test_ours_find_nothing_where_in_place_much_is_found(monkeypatch):
    params = read_params(PROJECT / "params.yaml")
    few = params.calibrate.model_copy(update={"simulations": 240, "draws": 59})
    for name in set(LAYOUTS) - {"30 runs of 6"}:
        monkeypatch.delitem(LAYOUTS, name)
    for name in set(SITUATIONS) - {"white", "drifting, memory .98"}:
        monkeypatch.delitem(SITUATIONS, name)
    table = rates(pd.concat(order_cases(Study(params, few, ())), ignore_index=True))
    nulls = table[table["asks"].eq(FALSE_POSITIVES)].set_index(["situation", "method"])["rate"]
    assert nulls["drifting, memory .98", OURS] < 0.1
    assert nulls["drifting, memory .98", IN_PLACE] > 0.3
    assert nulls["white", OURS] < 0.06
    power = table[table["asks"].eq(POWER) & table["method"].eq(OURS)]["rate"]
    assert (power > 0.9).all()


def test_layouts_are_of_so_many_runs():
    assert {name: np.bincount(runs).tolist() for name, runs in LAYOUTS.items()} == {
        "30 runs of 6": [6] * 30,
        "27 runs of 8 to 10": [8, 9, 10, 9] * 6 + [8, 9, 10],
        "3 runs of 30": [30] * 3,
        "one run of 362": [362],
    }


def test_situations_differ_from_white_noise_by_what_they_are_called():
    said = {
        name: {key: value for key, value in vars(series).items() if value}
        for name, series in SITUATIONS.items()
    }
    assert said == {
        "white": {},
        "drifting, memory .9": {"memory": 0.9},
        "drifting, memory .98": {"memory": 0.98},
        "drifting within runs": {"memory": 0.9, "apart": True},
        "levels of runs": {"level": True},
        "locked to run onset": {"memory": 0.5, "locked": True},
        "drifting, memory .98, cleaned": {"memory": 0.98, "cleaned": True},
    }


@pytest.mark.parametrize("cleaned", [False, True])
def test_levels_and_transients_by_the_same_draws(cleaned):
    """A level of each run beside half as much noise, then transients; lines by NumPy's fit."""
    runs = np.repeat([0, 1, 2], [4, 7, 5])
    series = Series(0.0, level=True, locked=True, cleaned=cleaned)
    found = series.draw(runs, np.random.default_rng(6))
    rng = np.random.default_rng(6)
    noise = rng.normal(size=(16, 24))
    expected = rng.normal(size=(3, 24))[runs] + 0.5 * noise
    weights = rng.uniform(1, 3, 24) * rng.choice([-1, 1], 24)
    along = np.r_[0:4, 0:7, 0:5]
    expected = expected + np.outer(np.exp(-along / 2.0), weights)
    if cleaned:
        for run in range(3):
            rows, design = runs == run, np.vander(along[runs == run], 2)
            fit = np.linalg.lstsq(design, expected[rows])[0]
            expected[rows] -= design @ fit
    np.testing.assert_allclose(found, expected, atol=1e-12)


def test_what_is_of_runs_is_not_asked_of_one_run(monkeypatch):
    told = []
    monkeypatch.setattr(
        module,
        "_recording",
        lambda series, cut, study, case, at: [told.append((case.layout, case.situation, at))],
    )
    params = read_params(PROJECT / "params.yaml")
    few = params.calibrate.model_copy(update={"simulations": 25})
    list(order_cases(Study(params, few, ())))
    alone = {"levels of runs", "locked to run onset", "drifting within runs"}
    assert told == [
        (layout, situation, at)
        for layout in LAYOUTS
        for situation in SITUATIONS
        if not (layout == "one run of 362" and situation in alone)
        for at in (0, 1)
    ]


@pytest.mark.parametrize(
    ("layout", "situation", "asked"),
    [
        ("3 runs of 30", "white", [("white", "ours"), ("white", IN_PLACE), ("planted", "ours")]),
        ("3 runs of 30", "levels of runs", [("levels", "ours"), ("levels", IN_PLACE)]),
        ("one run of 362", "white", [("white", "ours"), ("planted", "ours")]),
    ],
)
def test_runs_are_shifted_in_place_where_there_are_several_and_nothing_is_planted(
    monkeypatch, layout, situation, asked
):
    drawn = []

    def judged(design, targets, cut, study, ways):
        drawn.append((design, targets, ways))
        return {method: np.array([0.01, 0.5]) for method in ways}

    monkeypatch.setattr(module, "judged", judged)
    params = read_params(PROJECT / "params.yaml")
    study = Study(params, params.calibrate.model_copy(update={"draws": 19}), ())
    cut = partition(LAYOUTS[layout], params.folds.model_copy(update={"scheme": "auto"}))
    case = Case("encode", "r", situation, layout)
    tables = list(_recording(SITUATIONS[situation], cut, study, case, 7))
    told = [(one["situation"].iloc[0], one["method"].iloc[0]) for one in tables]
    for (found, method), (name, expected) in zip(told, asked, strict=True):
        assert method == expected
        assert name in found
    for one in tables:
        assert one["value"].tolist() == [1, 0]
        assert one["left"].tolist() == ["7", "7"]
        assert one["right"].tolist() == ["0", "1"]
    for *_, ways in drawn:
        assert {orders.shape for orders in ways.values()} == {(19, len(LAYOUTS[layout]))}
    if situation == "white":
        (design, targets, _), (same, driven, _) = drawn
        assert same is design
        left = driven - np.sqrt(0.75) * targets
        np.testing.assert_allclose(left.std(axis=0), 0.5)
        weights = np.linalg.lstsq(design, left)[0]
        np.testing.assert_allclose(design @ weights, left, atol=1e-9)
