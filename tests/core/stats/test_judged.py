"""Scores beside their null, by hand: columns, halves, baselines and rows."""

import numpy as np
import pandas as pd
import pytest
from numpy.testing import assert_allclose
from sklearn.metrics import r2_score

from stages.core.stats.judged import (
    baseline_rows,
    join,
    judge,
    judge_baseline,
    judge_halves,
    judge_metrics,
    judged_rows,
    judged_table,
)
from stages.core.stats.scores import Moments

N = np.array([6.0, 9, 7, 8])
SCORES, NULL = np.array([0.5, 0.1]), np.array([[0.1, 0.2, 0.6], [0.3, 0.2, 0.1]])


@pytest.fixture
def series(rng):
    """Responses and predictions of each fold, (n_test, n_targets), and training means."""
    folds = [rng.standard_normal((2, int(n), 3)) for n in N]
    return folds, rng.standard_normal((4, 3))


def moments(series):
    folds, base = series
    sums = [
        [
            np.full(3, float(len(y))),
            y.sum(0),
            (y**2).sum(0),
            d.sum(0),
            (d**2).sum(0),
            (y * d).sum(0),
        ]
        for y, d in folds
    ]
    return Moments(*np.moveaxis(np.array(sums), 1, 0), base)


def drawn(whole, rng):
    """Seven draws, which are those sums with other products."""
    fields = {name: np.repeat(values[..., None], 7, axis=2) for name, values in vars(whole).items()}
    fields["yd"] = fields["yd"] + rng.uniform(-1, 1, fields["yd"].shape)
    return Moments(**fields)


def test_scores_are_held_against_draws_by_hand():
    found = judge(SCORES, NULL, np.array([5.0, 6]))
    assert list(found) == ["score", "n", "null_mean", "null_sd", "z", "p"]
    assert_allclose(found["p"], [2 / 4, 4 / 4])
    assert_allclose(found["null_mean"], [0.3, 0.2])
    assert_allclose(found["null_sd"], [np.sqrt(0.14 / 3), np.sqrt(0.02 / 3)])
    assert_allclose(found["z"], (SCORES - [0.3, 0.2]) / found["null_sd"])


def test_every_metric_is_that_of_the_series(series, rng):
    folds, base = series
    whole = moments(series)
    found = judge_metrics(whole, drawn(whole, rng), "_lagged")
    assert list(found) == ["r_lagged", "r2_lagged"]
    y = np.concatenate([y for y, _ in folds])
    guess = np.concatenate([d + own for (_, d), own in zip(folds, base, strict=True)])
    assert_allclose(found["r2_lagged"]["score"], r2_score(y, guess, multioutput="raw_values"))
    r = [np.corrcoef(y[:, k], guess[:, k])[0, 1] for k in range(3)]
    assert_allclose(found["r_lagged"]["score"], r)
    for columns in found.values():
        assert_allclose(columns["n"], 30)
        assert (columns["null_sd"] > 0).all()


def test_halves_have_their_own_folds(series, rng):
    folds, base = series
    whole = moments(series)
    found = judge_halves(whole, drawn(whole, rng))
    assert list(found) == ["r_odd", "r_even"]
    for name, own in (("r_odd", [0, 2]), ("r_even", [1, 3])):
        y = np.concatenate([folds[k][0] for k in own])
        guess = np.concatenate([folds[k][1] + base[k] for k in own])
        r = [np.corrcoef(y[:, k], guess[:, k])[0, 1] for k in range(3)]
        assert_allclose(found[name]["score"], r)
        assert_allclose(found[name]["n"], N[own].sum())
        assert (found[name]["null_sd"] > 0).all()


def test_the_baseline_predicts_training_means(series):
    folds, base = series
    y = np.concatenate([y for y, _ in folds])
    guess = np.concatenate(
        [np.tile(own, (len(y), 1)) for (y, _), own in zip(folds, base, strict=True)]
    )
    expected = r2_score(y, guess, multioutput="raw_values")
    (found,) = judge_baseline(moments(series)).values()
    assert list(found) == ["score", "n"]
    assert_allclose(found["score"], expected)
    assert_allclose(found["n"], 30)
    rows = baseline_rows([{"target": name} for name in "abc"], moments(series))
    assert [row["target"] for row in rows] == ["a", "b", "c"]
    assert_allclose([row["score"] for row in rows], expected)
    assert {(row["layer"], row["kind"], row["metric"]) for row in rows} == {
        ("mean", "baseline", "r2")
    }


def test_parts_are_put_behind_each_other():
    parts = [{"r": {"p": np.array(own), "n": np.array(own) + 1}} for own in ([1, 2], [3], [])]
    found = join(iter(parts))
    assert_allclose(found["r"]["p"], [1, 2, 3])
    assert_allclose(join(parts[:1])["r"]["p"], [1, 2])
    assert_allclose(found["r"]["n"], [2, 3, 4])


def test_a_table_has_a_row_per_metric_and_target():
    names = pd.DataFrame({"target": ["x", "y"]}, index=[4, 9])
    judged = {name: {"score": np.array([0.1, 0.2]) * k} for k, name in enumerate(("r", "r2"), 1)}
    found = judged_table(names, judged, layer="all", depth=[0.5, 0.6])
    assert found.to_dict("list") == {
        "target": ["x", "y"] * 2,
        "layer": ["all"] * 4,
        "depth": [0.5, 0.6] * 2,
        "metric": ["r", "r", "r2", "r2"],
        "score": [0.1, 0.2, 0.2, 0.4],
    }
    assert list(found.index) == [0, 1, 2, 3]


def test_rows_have_their_labels_and_plain_numbers():
    rows = judged_rows([{"target": "x"}, {"target": "y"}], "cka", SCORES, NULL, np.array([5, 6]))
    assert [row["target"] for row in rows] == ["x", "y"]
    assert [row["metric"] for row in rows] == ["cka", "cka"]
    assert_allclose([row["p"] for row in rows], [0.5, 1])
    assert all(type(row["n"]) is float for row in rows)
