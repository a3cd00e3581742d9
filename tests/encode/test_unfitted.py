"""Correlations with surprisal: no fit, a null of shifts, and beyond nuisance variables."""

from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest
from scipy.stats import pearsonr
from sklearn.linear_model import LinearRegression

from stages.core.activations.surprisal import bits_per_byte, read_surprisal, write_surprisal
from stages.core.recording.types import Recording
from stages.core.run.errors import InputError
from stages.core.stats.chance import draw_shifts
from stages.encode import unfitted
from stages.encode.targets import Responses
from stages.encode.unfitted import surprisal_rows

N = 300


@pytest.fixture
def study():
    """Surprisal, responses that rise with it, fall with it and ignore it, and a nuisance."""
    rng = np.random.default_rng(3)
    length = rng.standard_normal((N, 1))
    series = length[:, 0] + rng.standard_normal(N)
    own = series - length[:, 0]
    targets = np.stack(
        [
            0.5 * own + rng.standard_normal(N),
            -0.5 * own + rng.standard_normal(N),
            length[:, 0] + 0.5 * rng.standard_normal(N),
            rng.standard_normal(N),
        ],
        axis=1,
    )
    names = ["times", "N400", "length", "nothing"]
    table = pd.DataFrame({"region": names, "subject": "group", "target": "", "ceiling": np.nan})
    orders = draw_shifts(np.repeat([0, 1, 2], N // 3), 400, 8, 0)
    return series, Responses(((targets, slice(None)),), table), orders, length


def test_correlations_are_those_of_scipy_and_of_residuals(study):
    series, responses, orders, length = study
    rows = surprisal_rows(series, responses, orders, length).set_index(["metric", "region"])
    ours = LinearRegression().fit(length, series)
    for k, region in enumerate(responses.targets["region"]):
        target = responses.series[:, k]
        assert rows.loc[("r", region), "score"] == pytest.approx(pearsonr(series, target)[0])
        fit = LinearRegression().fit(length, target)
        left = series - ours.predict(length), target - fit.predict(length)
        expected = pearsonr(*left)[0]
        assert rows.loc[("r_partial", region), "score"] == pytest.approx(expected)
    shifted = [pearsonr(series, responses.series[order, 0])[0] for order in orders]
    assert rows.loc[("r", "times"), "null_mean"] == pytest.approx(np.mean(shifted))
    assert rows.loc[("r", "times"), "null_sd"] == pytest.approx(np.std(shifted))


def test_what_falls_with_surprisal_is_found_too_and_nuisance_is_not(study):
    series, responses, orders, length = study
    rows = surprisal_rows(series, responses, orders, length).set_index(["metric", "region"])
    assert rows.loc[("r", "N400"), "score"] < -0.2
    assert (rows.loc[[("r", "times"), ("r", "N400"), ("r", "length")], "p"] < 0.01).all()
    assert rows.loc[("r_partial", "length"), "p"] > 0.05
    assert rows.loc[("r", "nothing"), "p"] > 0.05
    alone = surprisal_rows(series, responses, orders, None)
    assert set(alone["metric"]) == {"r"}
    assert set(alone["kind"]) == set(alone["layer"]) == {"surprisal"}


def test_what_was_not_predicted_is_no_sample(study):
    series, responses, orders, length = study
    lost = series.copy()
    lost[::4] = np.nan
    rows = surprisal_rows(lost, responses, orders, length).set_index(["metric", "region"])
    kept = np.isfinite(lost)
    target = responses.series[:, 0]
    row = rows.loc[("r", "times")]
    assert row["n"] == kept.sum()
    assert row["score"] == pytest.approx(pearsonr(series[kept], target[kept])[0])
    shifted = [pearsonr(series[kept], target[order][kept])[0] for order in orders]
    assert row["null_mean"] == pytest.approx(np.mean(shifted))
    left = [
        side[kept] - LinearRegression().fit(length[kept], side[kept]).predict(length[kept])
        for side in (series, target)
    ]
    assert rows.loc[("r_partial", "times"), "score"] == pytest.approx(pearsonr(*left)[0])


def test_p_is_uniform_where_there_is_nothing():
    rng = np.random.default_rng(1)
    orders = draw_shifts(np.repeat([0, 1], 100), 99, 4, 0)
    targets = rng.standard_normal((200, 600))
    names = pd.DataFrame({"region": map(str, range(600))})
    rows = surprisal_rows(
        rng.standard_normal(200), Responses(((targets, slice(None)),), names), orders, None
    )
    assert np.mean(rows["p"] <= 0.05) == pytest.approx(0.05, abs=0.027)  # three of its errors


def test_surprisal_is_written_read_and_removed(tmp_path):
    table = pd.DataFrame({"id": ["a", "b"], "nats": [np.nan, 2.0], "bytes": [3, 4]})
    write_surprisal(tmp_path, table)
    pd.testing.assert_frame_equal(read_surprisal(tmp_path, ["a", "b"]), table)
    assert bits_per_byte(table) == pytest.approx(2 / np.log(2) / 4)
    assert np.isnan(bits_per_byte(table.iloc[:1]))
    with pytest.raises(InputError, match="ids differ"):
        read_surprisal(tmp_path, ["b", "a"])
    write_surprisal(tmp_path, table.assign(nats=[1.0, -2.0]))
    with pytest.raises(InputError, match=r"wrong surprisal.*got -2\.0"):
        read_surprisal(tmp_path, ["a", "b"])
    write_surprisal(tmp_path, None)
    assert read_surprisal(tmp_path, ["a", "b"]) is None


def of_study(stimuli, samples, tr, monkeypatch, told):
    """Surprisal table of one response that is the sample's number squared."""
    monkeypatch.setattr(unfitted, "read_surprisal", lambda *_: told)
    about = SimpleNamespace(label="a model")
    monkeypatch.setattr(unfitted, "read_about", lambda *_: (about, None))
    kind = "events" if tr is None else "timeseries"
    n = len(samples)
    names = pd.DataFrame({"region": ["A"], "subject": "s", "target": "", "ceiling": np.nan})
    responses = Responses(((np.arange(float(n))[:, None] ** 2, slice(None)),), names)
    encoding = SimpleNamespace(
        recording=Recording("toy", kind, tr, None, stimuli, samples, []),
        settings=SimpleNamespace(centre=False),
        controls={},
        responses=[responses],
        orders=np.array([np.roll(np.arange(n), k) for k in (1, 2, 3)]),
    )
    return unfitted.surprisal_table(encoding, Path("nowhere"))


def test_surprisal_of_several_words_is_that_of_each_on_average(monkeypatch):
    texts = ["one", "two words", "", "now three words", "b", "c"]
    stimuli = pd.DataFrame({"id": list("abcdef"), "text": texts, "run": "1"})
    stimuli = stimuli.assign(sample=stimuli["id"], onset=np.nan, duration=np.nan)
    samples = pd.DataFrame({"id": list("abcdef"), "run": "1", "onset": np.nan})
    nats = [np.nan, 4.0, 3.0, 3.0, 5.0, 1.0]
    told = pd.DataFrame({"id": list("abcdef"), "nats": nats, "bytes": 1})
    (row,) = of_study(stimuli, samples, None, monkeypatch, told).to_dict("records")
    expected = pearsonr([2.0, 3.0, 1.0, 5.0, 1.0], np.arange(1.0, 6) ** 2)[0]
    assert row["score"] == pytest.approx(expected)
    assert (row["n"], row["dataset"], row["model"], row["split"]) == (5, "toy", "a model", "all")
    assert row["q"] == row["p"]


def test_a_word_of_a_time_series_that_was_not_predicted_counts_as_the_mean_of_its_run(monkeypatch):
    """A run of which no word was predicted counts as the mean of all."""
    onsets = np.tile([0.2, 2.2, 4.2], 3)
    stimuli = pd.DataFrame({"id": list("abcdefghi"), "text": "word", "run": list("111222333")})
    samples = pd.DataFrame(
        {"id": [f"t{k}" for k in range(36)], "run": np.repeat(list("123"), 12)}
    ).assign(onset=np.tile(np.arange(12.0) * 2, 3))
    stimuli = stimuli.assign(onset=onsets, duration=0.5)
    stimuli["sample"] = [f"t{12 * run + k}" for run in range(3) for k in range(3)]

    def score(nats):
        told = pd.DataFrame({"id": stimuli["id"], "nats": nats, "bytes": 1})
        return of_study(stimuli, samples, 2.0, monkeypatch, told)["score"].to_numpy()

    lost = score([np.nan, 1.0, 4.0, 9.0, np.nan, 2.0, np.nan, np.nan, np.nan])
    mean = (2.5 + 1 + 4 + 9 + 5.5 + 2) / 6
    runs_before = score([2.5, 1.0, 4.0, 9.0, 5.5, 2.0, 4.0, 4.0, 4.0])
    assert mean == 4.0
    assert lost == pytest.approx(runs_before)


def test_a_model_that_predicts_no_words_has_no_rows(monkeypatch):
    samples = pd.DataFrame({"id": ["a"], "run": "1", "onset": 0.0})
    stimuli = pd.DataFrame({"id": ["a"], "text": "a", "run": "1", "sample": "a"})
    assert of_study(stimuli, samples, None, monkeypatch, None).empty


def test_what_does_not_vary_correlates_with_nothing():
    names = pd.DataFrame({"region": ["A"]})
    flat = Responses(((np.ones((4, 1)), slice(None)),), names)
    rows = surprisal_rows(np.arange(4.0), flat, np.array([[1, 2, 3, 0]]), None)
    assert rows["score"].tolist() == [0.0]


def test_several_variables_far_from_0_are_taken_out_of_responses_in_single_precision(study):
    series, responses, orders, length = study
    rng = np.random.default_rng(5)
    both = np.column_stack([length[:, 0] + 7, 3 * rng.standard_normal(N) - 50])
    far = (responses.series + 0.3 * both[:, 1:] + 1000).astype(np.float32)
    given = Responses(((far, slice(None)),), responses.targets)
    rows = surprisal_rows(series, given, orders[:1], both)
    found = rows.loc[rows["metric"].eq("r_partial"), "score"]
    left = [
        side - LinearRegression().fit(both, side).predict(both)
        for side in (series, far.astype(float))
    ]
    expected = [pearsonr(left[0], one)[0] for one in left[1].T]
    assert found.to_numpy() == pytest.approx(np.array(expected), abs=1e-9)
