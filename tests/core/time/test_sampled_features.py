"""Features are averaged over the words of each sample, constants dropped."""

import logging

import numpy as np
import pandas as pd
import pytest
from numpy.testing import assert_allclose

from stages.core.recording.types import Timeline
from stages.core.run.errors import ConcordError
from stages.core.time.sampled_features import sample_features
from stages.core.time.timeline import aligner

IDS = [f"w{i}" for i in range(6)]
WORDS = pd.DataFrame({"id": IDS, "sample": ["a", "a", "b", "", "d", "d"]})
SAMPLES = pd.DataFrame({"id": list("abcd"), "run": "1"})
FEATURES = pd.DataFrame({"id": IDS, "Part_of_speech/:": [1.0, 0, 3, 9, 2, 4], "Visual/var_WL": 0.1})
ALIGN = aligner(Timeline(SAMPLES, 2.0, None), WORDS, "window", [0], centre=False)


def test_features_are_means_over_the_words_of_a_sample(caplog):
    with caplog.at_level(logging.WARNING):
        found = sample_features(FEATURES, ALIGN)
    assert_allclose(found.series[:, 0], [0.5, 3, 0, 3])
    assert found.names[0] == "Part_of_speech/:"


def test_a_constant_feature_is_left_out_by_name(caplog):
    align = aligner(
        Timeline(SAMPLES[SAMPLES["id"] != "c"], 2.0, None), WORDS, "window", [0], centre=False
    )
    with caplog.at_level(logging.WARNING):
        assert sample_features(FEATURES, align).names == ["Part_of_speech/:"]
    assert "feature Visual/var_WL left out: it is constant" in caplog.text


def test_a_feature_of_small_numbers_is_not_constant():
    small = FEATURES[["id"]].assign(**{"Visual/luminance": FEATURES["Part_of_speech/:"] * 1e-12})
    assert_allclose(sample_features(small, ALIGN).series[:, 0], [0.5e-12, 3e-12, 0, 3e-12])


def test_nothing_but_constants_is_an_error():
    with pytest.raises(ConcordError, match="no feature varies"):
        sample_features(FEATURES[["id", "Visual/var_WL"]].assign(**{"Visual/var_WL": 0.0}), ALIGN)


def test_what_varies_by_less_than_a_ten_thousand_millionth_of_itself_is_constant():
    """Of each feature by its own size."""
    turns = np.array([1.0, 1, -1, 0, -1, -1])
    align = aligner(
        Timeline(SAMPLES[SAMPLES["id"] != "c"], 2.0, None), WORDS, "window", [0], centre=False
    )
    features = FEATURES[["id"]].copy()
    for size in (1e-6, 1.0, 1e6):
        for share in (0.8, 1.7):
            features[f"A/{size:g} {share}"] = size * (1 + share * 1e-10 * turns)
    found = sample_features(features, align)
    assert found.names == ["A/1e-06 1.7", "A/1 1.7", "A/1e+06 1.7"]
    assert found.series.shape == (3, 3)
