"""Repeats are what they are said to be, and their ceilings are counted."""

import numpy as np
import pandas as pd
import pytest

from stages.align.engine import measure
from stages.calibrate.rates import rates
from stages.calibrate.repeat_cases import ANALYTIC, ONE_TERM, repeat_cases
from stages.calibrate.simulated_repeats import (
    ALONE,
    METRICS,
    NOTHING,
    SHARED,
    SIGNAL,
    STIMULI,
    agreements,
    draw_repeats,
    signal_share,
    true_ceilings,
)
from stages.calibrate.stage_runs import Study
from stages.core.params.read import read_params
from stages.core.results.calibrations import FALSE_POSITIVES, OURS, POWER, RECOVERY
from stages.core.stats.backend import make_backend
from tests.conftest import PROJECT


@pytest.mark.parametrize("situation", [ALONE, SHARED])
def test_repeats_have_the_signal_and_the_noise_that_they_should(situation):
    signal, single = draw_repeats(situation, 3, 0)
    share = np.mean([signal_share(one) for one in single])
    assert share == pytest.approx(SIGNAL, abs=0.05)
    noise = (single - signal[:, None]).reshape(-1, single.shape[-1])
    neighbours = np.corrcoef(noise[:, 10], noise[:, 11])[0, 1]
    assert neighbours == pytest.approx(0.9 if situation == SHARED else 0, abs=0.1)
    assert not draw_repeats(NOTHING, 2, 0)[0].any()


def test_scores_are_those_of_the_engine():
    (signal,), (single,) = draw_repeats(SHARED, 1, 3)
    backend, rows = make_backend(None, "float64", 2**28), np.arange(STIMULI)[None]
    each = measure(list(single), list(single), METRICS, rows, backend)
    whole = measure([signal], [single.mean(axis=0)], METRICS, rows, backend)
    true = true_ceilings(SHARED, signal[None], 0)
    for metric in METRICS:
        apart = each[metric][..., 0][~np.eye(3, dtype=bool)]
        assert agreements(single, metric) == pytest.approx(apart.mean(), abs=1e-6)
        assert true[metric][0] == pytest.approx(float(whole[metric][0, 0, 0]), abs=0.1)


def test_ceilings_are_near_the_truth_where_other_ways_are_not(tmp_path, monkeypatch):
    monkeypatch.setenv("CONCORD_SCRATCH", str(tmp_path))
    params = read_params(PROJECT / "params.yaml")
    few = params.calibrate.model_copy(update={"recordings": 1, "targets": 5})
    table = rates(pd.concat(repeat_cases(Study(params, few, ())), ignore_index=True))
    given = table.set_index(["asks", "test", "situation"])["rate"].sort_index()
    assert not given[FALSE_POSITIVES].any()
    assert (given[POWER].xs(ALONE, level="situation") == 1).all()
    assert (given[POWER] > 0).all()
    bias = (
        table[table["asks"].eq(RECOVERY)]
        .set_index(["test", "situation", "method"])["rate"]
        .sort_index()
    )
    for metric in METRICS:
        for situation in (ALONE, SHARED):
            mine = bias[f"split_half of {metric}, bias", situation]
            assert abs(mine[OURS]) < 0.06
            assert mine[ONE_TERM] < mine[OURS] - 0.03
    cka = bias["split_half of cka_linear, bias"]
    assert abs(cka[ALONE, ANALYTIC]) < 0.03
    assert cka[SHARED, ANALYTIC] > 0.2
