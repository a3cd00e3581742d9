"""What stages are asked in `tests.inferences` is really not there."""

import numpy as np
import pandas as pd
from numpy.testing import assert_allclose
from sklearn.linear_model import LinearRegression

from stages.core.recording.types import Recording
from tests.inferences import DEALT, DICE, left_of, with_features_of_nothing, with_pseudo_words


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
