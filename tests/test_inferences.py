"""What stages are asked in `tests.inferences` is really not there."""

import numpy as np
import pandas as pd
import pytest
from numpy.testing import assert_allclose
from sklearn.linear_model import LinearRegression

from stages.core.recording.types import Cleaning, Recording, Subject
from stages.core.time.timeline import aligner, word_rows
from tests.inferences import (
    DEALT,
    DICE,
    driven_late,
    left_of,
    of_noise,
    with_features_of_nothing,
    with_pseudo_words,
)


def test_words_are_other_ones_of_the_same_lengths():
    stimuli = pd.DataFrame(
        {"id": [f"w{i}" for i in range(60)], "text": ["a", "four", "letters"] * 20}
    )
    found = with_pseudo_words(stimuli, 0)
    assert sorted(found["text"].str.len()) == sorted(stimuli["text"].str.len())
    assert (found["text"] != stimuli["text"]).all()
    assert (found["id"] == stimuli["id"]).all()


def test_features_are_dealt_and_thrown(rng):
    features = pd.DataFrame({"Lexical/length": rng.integers(1, 9, 300), "Syntax/noun": 0})
    features.insert(0, "id", [f"w{i}" for i in range(300)])
    blank = pd.DataFrame({"id": []})
    recording = Recording("toy", "timeseries", 2.0, None, blank, blank, [], features)
    found = with_features_of_nothing(recording).features
    assert found.shape == (300, 2 + DEALT + DICE)
    dealt = found.filter(like="dealt/")
    assert (np.sort(dealt, axis=0) == np.sort(features[["Lexical/length"]], axis=0)).all()
    correlations = [
        np.corrcoef(features["Lexical/length"], one)[0, 1] for one in dealt.T.to_numpy()
    ]
    assert np.abs(correlations).max() < 0.25
    assert_allclose(found.filter(like="dice/").mean(), 0.3, atol=0.1)


def test_variables_leave_all_rows(rng):
    known, series = rng.standard_normal((50, 3)), rng.standard_normal((50, 4))
    fit = LinearRegression(fit_intercept=False).fit(known, series)
    assert_allclose(left_of(series, known), series - fit.predict(known), atol=1e-12)


@pytest.mark.parametrize("late", [0, 1])
def test_responses_follow_nuisance_variables_so_many_samples_late(rng, late):
    words, tr = 80, 2.0
    onset = np.sort(rng.uniform(0, 110, words))
    stimuli = pd.DataFrame({"id": range(words), "run": "1", "onset": onset})
    stimuli = stimuli.assign(duration=0.3, sample="")
    samples = pd.DataFrame(
        {"id": [f"t{i}" for i in range(60)], "run": "1", "onset": tr * np.arange(60)}
    )
    nuisance = pd.DataFrame({"id": range(words), "rate": 1.0, "length": rng.poisson(4, words)})
    cleaning = Cleaning(detrend=True, high_pass=0.0, standardize=True)
    recording = Recording(
        "toy", "timeseries", tr, cleaning, stimuli, samples, [], nuisance=nuisance
    )
    found = driven_late(recording, late * tr, 0.0, rng)
    for delay in (0, 1):
        align = aligner(recording.timeline, word_rows(stimuli), "glover", [delay], centre=False)
        known = align(nuisance.drop(columns="id").to_numpy(float))
        left = np.square(left_of(found, known)).mean(axis=0)
        assert (left < 1e-12).all() if delay == late else (left > 0.01).any()


def test_regions_of_noise_have_nothing_in_common_with_what_was_there(rng):
    samples = pd.DataFrame({"id": range(400), "run": np.repeat(["1", "2"], 200), "onset": 0.0})
    samples["onset"] = 2.0 * np.tile(np.arange(200), 2)
    cleaning, blank = Cleaning(detrend=True, high_pass=0.0, standardize=True), pd.DataFrame()
    responses = rng.standard_normal((400, 30)).astype(np.float32)
    subject = Subject("one", responses, blank)
    recording = Recording("toy", "timeseries", 2.0, cleaning, blank, samples, [subject])
    first, second = (of_noise(recording, seed).subjects[0].responses for seed in (0, 1))
    for one, other in ((first, responses), (first, second)):
        shared = [np.corrcoef(a, b)[0, 1] for a, b in zip(one.T, other.T, strict=True)]
        assert np.abs(shared).max() < 0.25
    steps = [np.corrcoef(series[:-1], series[1:])[0, 1] for series in first.T]
    assert_allclose(np.mean(steps), 0.4, atol=0.05)
