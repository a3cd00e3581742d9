"""Noise in short runs is found no more than by chance, and what is planted is found."""

import numpy as np
import pandas as pd
import pytest

from stages.calibrate.order_cases import (
    IN_PLACE,
    LAYOUTS,
    SITUATIONS,
    Series,
    in_place,
    order_cases,
)
from stages.calibrate.rates import rates
from stages.calibrate.stage_runs import Study
from stages.core.params.read import read_params
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
