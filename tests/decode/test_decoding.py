"""Rows are tidy, group and ceiling are what they say, odd cases are handled by name."""

import logging
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from numpy.testing import assert_array_equal
from pandas.testing import assert_frame_equal
from sklearn.metrics import r2_score

from stages.core.params.schema import Folds
from stages.core.recording.types import Recording, Subject
from stages.core.regression.folds import partition
from stages.core.results.results import results_table
from stages.core.run.errors import ConcordError, InputError
from stages.core.stats.chance import draw_shifts
from stages.core.time.sampled_features import Features
from stages.decode.decoded_regions import cut_region, find_regions, why_skipped
from stages.decode.decoding import measure
from stages.decode.summary import summarise
from tests.core.run.engines import use_pickling
from tests.decode.conftest import AFFINE, LAMBDAS, PARAMS, SIDE, ball

RUNS = np.repeat(["1", "2", "3", "4"], 60)
NAMES = ["Speech/speak", "Emotion/fear", "Visual/word_length"]


def make_subject(name, regions, signals, rng):
    """A subject whose regions carry the given signals, by region."""
    voxels = ball(40 * len(regions), rng)
    labels = np.repeat(regions, 40)
    rows = rng.standard_normal((len(RUNS), len(voxels)))
    for region, signal in signals.items():
        rows[:, labels == region] += signal[:, None]
    targets = pd.DataFrame({"id": [f"v{i}" for i in range(len(voxels))], "region": labels})
    targets[["i", "j", "k"]] = voxels.astype(float)
    shape = (SIDE, SIDE, SIDE)
    return Subject(name, rows.astype(np.float32), targets, AFFINE, shape)


@pytest.fixture
def features(rng):
    return Features(rng.standard_normal((len(RUNS), 3)), NAMES)


@pytest.fixture
def recording(features, rng):
    """Angular_L follows the first feature in both subjects, Angular_R nothing."""
    driven = {"Angular_L": features.series[:, 0]}
    subjects = [make_subject(n, ["Angular_L", "Angular_R"], driven, rng) for n in ("s1", "s2")]
    subjects.append(make_subject("s3", ["Angular_R"], {}, rng))
    samples = pd.DataFrame({"id": range(len(RUNS)), "run": RUNS, "onset": 0.0})
    return Recording("toy", "timeseries", 2.0, None, None, samples, subjects)


def run(recording, features, **changes):
    settings = PARAMS.model_copy(update=changes)
    cut = partition(RUNS, Folds(scheme="runs", blocks=2, gap=5))
    orders = draw_shifts(cut.segments, 199, 5, seed=0)
    regions = find_regions(recording, settings)
    return measure(
        recording, regions, features, cut=cut, lambdas=LAMBDAS, orders=orders, settings=settings
    )


def test_what_is_planted_is_found_in_its_region_only(recording, features):
    found = run(recording, features)
    table = results_table(found.rows)
    r = table[table["metric"] == "r"].set_index(["subject", "region", "target"])
    assert r.loc[("group", "Angular_L", "Speech/speak"), "p"] == 1 / 200
    assert r.loc[("s1", "Angular_L", "Speech/speak"), "score"] > 0.8
    others = r.drop(index=[(s, "Angular_L", "Speech/speak") for s in ("s1", "s2", "group")])
    assert (others["score"].abs() < 0.3).all()
    assert found.best["Angular_L"] == "Speech/speak"


def test_every_score_has_its_null_and_a_unique_name(recording, features):
    table = results_table(run(recording, features).rows)
    judged = table[["score", "null_mean", "null_sd", "z", "p"]]
    assert np.isfinite(judged.to_numpy()).all()
    assert not table.duplicated(["subject", "region", "target", "metric"]).any()
    assert set(table["metric"]) == {"r", "r2", "r_odd", "r_even"}
    assert set(table["family"]) == {"discourse", "visual"}


def test_every_score_says_on_how_many_samples_it_stands(recording, features):
    table = results_table(run(recording, features).rows)
    n = table.groupby("metric")["n"].unique()
    assert list(n["r"]) == list(n["r2"]) == [len(RUNS)]
    assert sum(map(sum, (n["r_odd"], n["r_even"]))) == len(RUNS)


def test_the_group_is_the_mean_of_those_who_have_the_region(recording, features):
    table = results_table(run(recording, features).rows)
    scores = table[table["metric"] == "r"].pivot_table(
        index=["region", "target"], columns="subject", values="score"
    )
    people = scores[["s1", "s2", "s3"]]
    assert people.loc["Angular_L", "s3"].isna().all()
    np.testing.assert_allclose(scores["group"], people.mean(axis=1))


def test_the_training_mean_is_the_baseline_of_every_feature(recording, features):
    baseline = results_table(run(recording, features).baseline)
    assert list(baseline["target"]) == NAMES
    mean = np.empty_like(features.series)
    for one in np.unique(RUNS):
        mean[one == RUNS] = features.series[one != RUNS].mean(axis=0)
    expected = r2_score(features.series, mean, multioutput="raw_values")
    np.testing.assert_allclose(baseline["score"], expected)


def test_the_ceiling_bounds_what_is_planted_and_is_near_zero_for_noise(recording, features):
    table = results_table(run(recording, features).rows)
    r = table[table["metric"] == "r"].set_index(["subject", "region", "target"])
    planted = r.loc[("group", "Angular_L", "Speech/speak")]
    assert planted["score"] <= planted["ceiling"] + 0.02 <= 1.02
    assert planted["ceiling_kind"] == "inter-subject reliability of predictions"
    assert r.xs("Angular_R", level="region")["ceiling"].max() < 0.5
    assert table.loc[table["metric"] != "r", "ceiling"].isna().all()


def test_one_subject_has_no_group_and_no_ceiling(recording, features):
    alone = replace(recording, subjects=recording.subjects[:1])
    table = results_table(run(alone, features).rows)
    assert set(table["subject"]) == {"s1"}
    assert table["ceiling"].isna().all()


def test_batches_change_nothing(recording, features, monkeypatch):
    together = results_table(run(recording, features).rows)
    monkeypatch.setattr("stages.decode.decoding.BATCH", 1)
    apart = results_table(run(recording, features).rows)
    keys = ["subject", "region", "target", "metric"]
    assert_frame_equal(
        together.sort_values(keys, ignore_index=True),
        apart.sort_values(keys, ignore_index=True),
        atol=1e-5,
        rtol=0.02,
    )


def test_tasks_that_travel_find_the_same(recording, features, monkeypatch, tmp_path):
    monkeypatch.setattr("stages.decode.decoding.BATCH", 1)
    here = run(recording, features)
    use_pickling(monkeypatch, tmp_path, "stages.decode.decoding")
    there = run(recording, features)
    for name in ("rows", "baseline"):
        assert_frame_equal(
            *(results_table(getattr(found, name)) for found in (here, there)), check_exact=True
        )
    assert there.best == here.best
    assert list(there.weights) == list(here.weights)
    for key, weights in here.weights.items():
        assert_array_equal(there.weights[key], weights)


def test_a_feature_constant_in_training_rows_is_named(recording, features, caplog):
    features.series[RUNS != "1", 1] = 0.0
    with caplog.at_level(logging.WARNING):
        table = results_table(run(recording, features).rows)
    assert "feature Emotion/fear is constant in the training rows of 6 of 12 splits" in caplog.text
    assert np.isfinite(table["score"]).all()


def test_a_region_absent_or_too_small_in_a_subject_is_skipped_by_name(recording, caplog):
    params = PARAMS.model_copy(update={"regions": ["Angular_L"]})
    with caplog.at_level(logging.WARNING):
        assert list(find_regions(recording, params)["Angular_L"]) == ["s1", "s2"]
    told = "region Angular_L of subject s3 skipped: expected at least 2 voxels, got 0"
    assert told in caplog.text
    with pytest.raises(ConcordError, match="no region left in toy. See the messages above"):
        find_regions(recording, params.model_copy(update={"min_voxels": 41}))


def test_a_region_of_one_subject_has_no_average_and_is_named(recording, features, caplog):
    few = replace(recording, subjects=recording.subjects[1:])
    with caplog.at_level(logging.WARNING):
        table = results_table(run(few, features).rows)
    assert "region Angular_L has no average: only subject s2 has it" in caplog.text
    assert set(table.loc[table["region"] == "Angular_L", "subject"]) == {"s2"}


def test_an_unknown_region_is_refused(recording):
    with pytest.raises(InputError, match="decode.regions"):
        find_regions(recording, PARAMS.model_copy(update={"regions": ["Angular_Left"]}))


def test_why_a_recording_is_skipped(recording):
    """Voxels without a place are not called averages of regions."""
    features = pd.DataFrame({"id": ["w0"], "Speech/speak": [1.0]})
    assert why_skipped(replace(recording, features=features)) is None
    assert why_skipped(replace(recording, features=None)) == "no features"
    first = recording.subjects[0]
    nowhere = replace(first, targets=first.targets.assign(i=np.nan))
    assert "voxels without their places i, j, k" in why_skipped(
        replace(recording, features=features, subjects=[nowhere])
    )
    means = nowhere.targets.drop_duplicates("region")
    averages = replace(nowhere, targets=means, responses=first.responses[:, : len(means)])
    lacking = why_skipped(replace(recording, features=features, subjects=[averages]))
    assert lacking == "no voxels, only averages of regions"


def test_voxels_have_the_volume_that_the_affine_says(recording):
    assert cut_region(recording.subjects[0], np.arange(5)).volume == pytest.approx(27)


def test_the_summary_names_the_best_feature_of_every_region(recording, features):
    found = run(recording, features)
    table = results_table(found.rows).assign(q=0.01)
    summary = summarise(table, found.best)
    assert set(summary) == {"Angular_L", "Angular_R"}
    assert summary["Angular_L"]["best_feature"] == "Speech/speak"
    assert summary["Angular_L"]["score"] > summary["Angular_L"]["null"]
    assert {"q", "ceiling", "significant"} <= set(summary["Angular_L"])
