"""From words to samples, against nilearn and against loops."""

import math

import numpy as np
import pandas as pd
import pytest
from nilearn.glm.first_level import compute_regressor
from nilearn.glm.first_level import glover_hrf as nilearn_hrf
from numpy.testing import assert_allclose

from stages.core.time.downsample import (
    glover_hrf,
    glover_weights,
    overlap_weights,
    window_weights,
)


def words(rng, n, run="1"):
    onset = np.sort(rng.uniform(0, 80, n))
    return pd.DataFrame({"run": run, "onset": onset, "offset": onset + 0.4})


def test_the_response_is_that_of_nilearn():
    theirs = nilearn_hrf(1.0, oversampling=1000)
    ours = glover_hrf(np.linspace(0, 32, len(theirs)))
    assert_allclose(ours, theirs / theirs.max(), atol=2e-3)
    assert glover_hrf(np.array([-0.1]))[0] == 0


def test_convolution_is_that_of_nilearn(rng):
    rows = words(rng, 30)
    values = rng.standard_normal(30)
    samples = pd.DataFrame({"run": "1", "onset": np.arange(60) * 2.0})
    ours = glover_weights(samples, rows) @ values
    events = np.array([rows["offset"], np.zeros(30), values])
    theirs = compute_regressor(events, "glover", samples["onset"].to_numpy(), oversampling=100)[0]
    assert np.corrcoef(ours, theirs[:, 0])[0, 1] > 0.9999


def test_nothing_crosses_a_run(rng):
    rows = pd.concat([words(rng, 5, "1"), words(rng, 5, "2")], ignore_index=True)
    samples = pd.DataFrame(
        {"run": ["1"] * 20 + ["2"] * 20, "onset": np.tile(np.arange(20) * 2.0, 2)}
    )
    weights = glover_weights(samples, rows)
    assert (weights[:20, 5:] == 0).all()
    assert (weights[20:, :5] == 0).all()
    assert (weights[:20, :5] != 0).any()


def test_windows_average_the_rows_of_each_sample(rng):
    samples = pd.DataFrame({"id": ["a", "b", "c"]})
    rows = pd.DataFrame({"sample": ["a", "a", "", "c", "elsewhere", "a"]})
    values = rng.standard_normal((6, 4))
    expected = [values[[0, 1, 5]].mean(axis=0), np.zeros(4), values[3]]
    assert_allclose(window_weights(samples, rows) @ values, expected)


def mean_of_what_is_on(samples, rows, values, tr, step=0.01):
    """Average over the rows that are on, hundredth by hundredth of a second."""
    found = np.zeros((len(samples), values.shape[1]))
    for place, sample in enumerate(samples.itertuples()):
        seen = []
        for moment in sample.onset + step * (np.arange(round(tr / step)) + 0.5):
            for value, row in zip(values, rows.itertuples(), strict=True):
                if row.run == sample.run and row.onset <= moment < row.offset:
                    seen.append(value)
        if seen:
            found[place] = np.mean(seen, axis=0)
    return found


def test_overlap_weighs_by_the_time_that_rows_are_on(rng):
    samples = pd.DataFrame({"run": ["1"] * 6 + ["2"] * 4, "onset": 1.5 * np.r_[0:6, 0:4]})
    onset = np.r_[0.0, 2.0, 2.5, 2.5, 4.25, 0.5, 4.5, 2.9]
    rows = pd.DataFrame({"run": ["1"] * 5 + ["2"] * 3, "onset": onset})
    rows["offset"] = onset + np.r_[2.0, 0.5, 1.0, 3.0, 0.25, 1.75, 1.5, 0.1]
    values = rng.standard_normal((8, 3))
    weights = overlap_weights(samples, rows, 1.5)
    ours = weights @ values
    assert_allclose(ours, mean_of_what_is_on(samples, rows, values, 1.5), atol=1e-12)
    assert_allclose(ours[0], values[0])
    assert_allclose(ours[1], (0.5 * values[0] + 0.5 * values[1:4].sum(axis=0)) / 2)
    assert (ours[[4, 5]] == 0).all()
    assert set(np.round(weights.sum(axis=1), 12)) == {0.0, 1.0}


def test_rows_that_touch_a_sample_are_not_on():
    samples = pd.DataFrame({"run": "1", "onset": [0.1 + 0.2, 0.6]})
    rows = pd.DataFrame({"run": "1", "onset": [0.0, 0.4], "offset": [0.3, 0.6]})
    weights = overlap_weights(samples, rows, 0.3)
    assert_allclose(weights.toarray(), [[0, 1], [0, 0]])


def test_the_response_ends_after_32_seconds():
    """By the formula of the density of a gamma distribution, up to the limit and not beyond."""

    def density(x, k, scale):
        return x ** (k - 1) * np.exp(-x / scale) / (math.gamma(k) * scale**k)

    def response(x):
        return density(x, 6 / 0.9, 0.9) - 0.48 * density(x, 12 / 0.9, 0.9)

    highest = response(np.linspace(0.5, 32, 100_000)).max()
    at = np.array([-1.0, 0.5, 12, 32, 32.01, 32.9])
    expected = [0, *(response(at[1:4]) / highest), 0, 0]
    assert_allclose(glover_hrf(at), expected, rtol=1e-5)
    samples = pd.DataFrame({"run": "1", "onset": at})
    rows = pd.DataFrame({"run": ["1"], "offset": [0.0]})
    assert_allclose(glover_weights(samples, rows)[:, 0], expected, rtol=1e-5)


@pytest.mark.parametrize(("overlap", "on"), [(1.5e-6, 1), (0.5e-6, 0)])
def test_a_millionth_of_a_second_is_an_overlap(overlap, on):
    samples = pd.DataFrame({"run": "1", "onset": [0.0]})
    rows = pd.DataFrame({"run": "1", "onset": [1 - overlap], "offset": [3.0]})
    assert overlap_weights(samples, rows, 1.0).toarray() == on
