"""From words to samples, against nilearn and against loops."""

import numpy as np
import pandas as pd
from nilearn.glm.first_level import compute_regressor
from nilearn.glm.first_level import glover_hrf as nilearn_hrf
from numpy.testing import assert_allclose

from stages.core.time.downsample import glover_hrf, glover_weights, window_weights


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
