"""Correlations with surprisal: no fit, a null of shifts, and beyond nuisance variables."""

import numpy as np
import pandas as pd
import pytest
from scipy.stats import pearsonr
from sklearn.linear_model import LinearRegression

from stages.core.activations.surprisal import bits_per_byte, read_surprisal, write_surprisal
from stages.core.run.errors import InputError
from stages.core.stats.chance import draw_shifts
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
