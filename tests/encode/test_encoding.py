"""Planted layers are found, controls and noise are not, and each score has its null."""

from functools import partial

import numpy as np
import pandas as pd
import pytest

from stages.core.params.schema import Folds, Lambdas
from stages.core.recording.types import Cleaning
from stages.core.regression.folds import partition
from stages.core.regression.ridge import lambda_grid
from stages.core.regression.shift_null import ShiftNull
from stages.core.results.results import results_table
from stages.core.stats.chance import draw_shifts
from stages.core.stats.multiple import adjust
from stages.core.time.cleaning import clean
from stages.encode.designs import smoothed_positions
from stages.encode.encoding import measure
from stages.survey.words.encode_summary import summarise
from tests.core.run.engines import use_pickling


@pytest.fixture(scope="module")
def table():
    rng = np.random.default_rng(0)
    runs = np.repeat([1, 2, 3, 4], 60)
    designs = {f"layer_0{k}": rng.standard_normal((240, 15)) for k in range(3)}
    designs["oasm"] = smoothed_positions(runs)
    kinds = dict.fromkeys(designs, "hidden") | {"oasm": "control"}
    noise = rng.standard_normal((240, 3))
    for row in range(1, 240):
        noise[row] += 0.7 * noise[row - 1]
    responses = noise.copy()
    responses[:, 0] += designs["layer_01"][:, :4].sum(axis=1)
    responses[:, 1] = designs["layer_02"] @ rng.standard_normal(15)
    responses[:, [0, 2]] = clean(responses[:, [0, 2]], runs, 2.0, Cleaning(False, 0.0, True))
    names = pd.DataFrame({"subject": "group", "region": ["driven", "copied", "silent"]})
    names = names.assign(ceiling=0.9, dataset="toy", model="m")
    cut = partition(runs, Folds(scheme="runs", blocks=2, gap=5))
    null = ShiftNull(cut.folds, draw_shifts(cut.segments, 199, 5, seed=0))
    lambdas = lambda_grid(Lambdas(low=1e-3, high=1e4, count=8))
    measured = measure(
        designs, kinds, responses, names, cut=cut, lambdas=lambdas, null=null, pieces=8
    )
    return adjust(
        results_table(results_of(measured)), ("subject", "kind", "metric"), "regions × layers"
    )


def results_of(measured):
    return pd.concat([results for results, _ in measured.parts], ignore_index=True)


def scores(table, **where):
    for name, value in where.items():
        table = table[table[name] == value]
    return table.set_index("region")


def test_every_design_region_and_metric_has_one_row(table):
    kinds = table.groupby("kind").size()
    assert kinds.to_dict() == {"hidden": 18, "control": 6, "nested": 6, "baseline": 3}
    judged = table[table["kind"] != "baseline"]
    assert judged[["null_mean", "null_sd", "z", "p", "q"]].notna().all(axis=None)


def test_the_planted_layer_is_chosen_and_the_data_itself_score_one(table):
    nested = scores(table, kind="nested", metric="r")
    assert nested.loc["driven", "layer"] == "layer_01"
    assert nested.loc["copied", "layer"] == "layer_02"
    assert nested.loc["copied", "score"] > 0.999
    assert (nested.loc[["driven", "copied"], "q"] < 0.05).all()


def test_noise_scores_nothing(table):
    silent = table[(table["region"] == "silent") & (table["metric"] == "r")]
    assert (silent["score"].abs() < 0.25).all()
    assert (silent["q"] > 0.05).all()


def test_position_alone_predicts_nothing_where_folds_do_not_leak(table):
    oasm = scores(table, layer="oasm", metric="r")
    assert (oasm.loc[["driven", "silent"], "score"].abs() < 1e-6).all()


def test_the_mean_baseline_is_at_most_zero(table):
    assert (scores(table, kind="baseline")["score"] <= 0).all()


def test_the_summary_holds_finite_rounded_scalars(table):
    summary = summarise(table)
    assert summary["driven"]["best_layer"] == "layer_01"
    assert summary["driven"]["ceiling"] == 0.9
    assert set(summary["driven"]) == {"best_layer", "score", "null", "q", "ceiling", "oasm"}
    numbers = pd.DataFrame(summary).T.drop(columns="best_layer").to_numpy(float)
    assert np.isfinite(numbers).all()


def test_what_the_nuisance_explains_is_not_the_layer_s():
    """A layer that only carries word length, one that carries more, and a response to both."""
    rng = np.random.default_rng(3)
    runs = np.repeat([1, 2, 3, 4], 60)
    length, other = rng.standard_normal((2, 240))
    noise = rng.standard_normal((240, 3))
    responses = clean(
        np.column_stack([length, length + other, length]) + 0.5 * noise,
        runs,
        2.0,
        Cleaning(False, 0.0, True),
    )
    designs = {
        "layer_00": np.column_stack([length, 2 * length]),
        "layer_01": np.column_stack([length + 0.1 * rng.standard_normal(240), other]),
    }
    kinds = {"layer_00": "hidden", "layer_01": "hidden"}
    names = pd.DataFrame({"subject": "group", "region": ["length", "both", "again"]})
    cut = partition(runs, Folds(scheme="runs", blocks=2, gap=5))
    ask = partial(
        measure, designs, kinds, responses, names, cut=cut,
        lambdas=lambda_grid(Lambdas(low=1e-3, high=1e4, count=8)),
        null=ShiftNull(cut.folds, draw_shifts(cut.segments, 199, 5, seed=0)), pieces=1,
    )  # fmt: skip
    rows = pd.concat(map(results_of, (ask(), ask(nuisance=length[:, None]))), ignore_index=True)
    found = adjust(results_table(rows), ("subject", "kind", "metric"), "regions × layers")
    plain, beyond = (
        scores(found, layer="layer_01", metric="r"),
        scores(found, layer="layer_01", kind="hidden", metric="r_partial"),
    )
    assert (plain["score"] > 0.5).all()
    assert beyond.loc["both", "score"] > 0.7
    assert beyond.loc["both", "q"] < 0.05
    assert (beyond.loc[["length", "again"], "score"] < 0.1).all()
    assert (beyond.loc[["length", "again"], "q"] > 0.05).all()
    assert (scores(found, layer="layer_00", kind="hidden", metric="r_partial")["score"] == 0).all()
    summary = summarise(found)
    assert summary["both"]["partial"] > 0.7
    assert summary["length"]["partial_q"] > 0.05
    assert summary["both"]["unique"] == pytest.approx(
        scores(found, kind="nested", metric="r2_unique").loc["both", "score"], abs=1e-4
    )


def test_tasks_that_travel_find_the_same(rng, monkeypatch, tmp_path):
    designs = {f"layer_0{k}": rng.standard_normal((240, 50)) for k in range(3)}
    kinds = dict.fromkeys(designs, "hidden")
    cut = partition(np.repeat([1, 2, 3, 4], 60), Folds(scheme="runs", blocks=2, gap=5))
    names = pd.DataFrame({"subject": "s", "region": [f"r{k}" for k in range(5)]})
    measured = partial(
        measure, designs, kinds, rng.standard_normal((240, 5)), names, cut=cut,
        lambdas=lambda_grid(Lambdas(low=1e-3, high=1e4, count=8)),
        null=ShiftNull(cut.folds, draw_shifts(cut.segments, 99, 5, seed=0)),
        nuisance=rng.standard_normal((240, 2)), pieces=8,
    )  # fmt: skip
    monkeypatch.setattr("stages.encode.encoding.CHUNK", 3)
    here = measured()
    use_pickling(monkeypatch, tmp_path, "stages.encode.encoding")
    there = measured()
    assert [len(without) for _, without in here.parts] == [3 * 8, 2 * 8]
    for found, expected in zip(there.parts, here.parts, strict=True):
        for table, same in zip(found, expected, strict=True):
            pd.testing.assert_frame_equal(table, same, check_exact=True)
