"""Features and nuisance variables of a film's segments, worked out by hand."""

import numpy as np
import pandas as pd
import pytest
from wordfreq import zipf_frequency

from stages.core.run.errors import InputError
from stages.prepare.sherlock.annotations import segment_features, segment_nuisance
from stages.prepare.sherlock.segments import (
    AROUSAL,
    CAMERA,
    MUSIC,
    PRESENT,
    SCREEN,
    SPACE,
    SPEAKING,
    VALENCE,
)

N = 22


def table(**changes):
    """Annotations of 22 segments."""
    rng = np.random.default_rng(0)
    columns = {
        SPEAKING: ["John"] * 20 + ["", "  "],
        MUSIC: ["Yes", "No"] * 11,
        SPACE: ["Outdoor", "Indoor", "Unknown", "Various"] * 5 + ["Outdoor", "Indoor"],
        SCREEN: ["", "Sign"] * 11,
        PRESENT: ["John, Sherlock"] * 19 + ["John", "Sherlock, John ", "Nobody"],
        CAMERA: ["Long,  Pan,"] * 20 + ["Pan"] * 2,
    }
    columns |= {name: rng.integers(1, 6, N).astype(float) for name in AROUSAL}
    columns |= {name: (["+", "-", ""] * 11)[at % 3 :] for at, name in enumerate(VALENCE)}
    columns = {name: list(values)[:N] for name, values in columns.items()}
    return pd.DataFrame(columns | changes)


def test_features_are_what_at_least_twenty_segments_have():
    found = segment_features(table(), range(N))
    flags = {
        "Speech/any": [1] * 20 + [0, 0],
        "Music/any": [1, 0] * 11,
        "Visual/outdoor": [1, 0, 0, 0] * 5 + [1, 0],
        "Visual/words_on_screen": [0, 1] * 11,
        "Speech/John": [1] * 20 + [0, 0],
        "Characters/John": [1] * 21 + [0],
        "Characters/Sherlock": [1] * 19 + [0, 1, 0],
        "Visual/Long": [1] * 20 + [0, 0],
        "Visual/Pan": [1] * 22,
    }
    emotions = ["Emotion/arousal", "Emotion/valence"]
    assert found.columns.tolist() == ["id", *list(flags)[:4], *emotions, *list(flags)[4:]]
    for name, expected in flags.items():
        assert found[name].tolist() == expected
        assert found[name].dtype == float
    assert found["id"].tolist() == list(range(N))


def test_a_term_that_a_segment_names_twice_counts_once():
    found = segment_features(table(**{CAMERA: ["Pan, Pan"] * 19 + [""] * 3}), range(N))
    assert "Visual/Pan" not in found
    found = segment_features(table(**{CAMERA: ["Pan, Pan"] * 20 + [""] * 2}), range(N))
    assert found["Visual/Pan"].tolist() == [1] * 20 + [0, 0]


def test_emotions_are_means_over_those_who_rated():
    signs = pd.DataFrame(table()[VALENCE])
    found = segment_features(table(), range(N))
    values = {"+": 1, "-": -1}
    by_hand = [[values[sign] for sign in row if sign] for row in signs.to_numpy()]
    np.testing.assert_allclose(found["Emotion/valence"], [sum(r) / len(r) for r in by_hand])
    ratings = table()[AROUSAL].to_numpy()
    np.testing.assert_allclose(found["Emotion/arousal"], [sum(row) / 4 for row in ratings])


def test_nuisance_variables_are_of_the_description_and_the_film():
    texts = ["the dog runs"] + ["a", "rhinoceros zzqqx"] * 10 + ["the the"]
    seconds = np.arange(N) + 1.5
    stimuli = pd.DataFrame({"id": list("abcdefghijklmnopqrstuv"), "text": texts})
    found = segment_nuisance(table(), stimuli.assign(duration=seconds))
    columns = ["id", "speech", "music", "words", "log_frequency", "seconds"]
    assert found.columns.tolist() == columns
    assert found["speech"].tolist() == [1] * 20 + [0, 0]
    assert found["music"].tolist() == [1, 0] * 11
    assert {str(kind) for kind in found.dtypes[columns[1:]]} == {"float64"}
    assert found["words"].tolist() == [len(text.split()) for text in texts]
    expected = [
        sum(zipf_frequency(word, "en") for word in text.split()) / len(text.split())
        for text in texts
    ]
    np.testing.assert_allclose(found["log_frequency"], expected)
    np.testing.assert_array_equal(found["seconds"], seconds)
    assert found["id"].tolist() == stimuli["id"].tolist()


@pytest.mark.parametrize(
    ("column", "answer"), [(MUSIC, "yes"), (SPACE, "Outdoors"), (VALENCE[0], "0")]
)
def test_an_answer_that_is_none_is_told_with_its_segment(column, answer):
    changed = table()
    changed.loc[6, column] = answer
    with pytest.raises(InputError, match=f"unknown answer in .*of segment 7: .*got {answer}"):
        segment_features(changed, range(N))
