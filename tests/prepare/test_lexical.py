import pandas as pd
import pytest

from stages.core.run.errors import InputError
from stages.prepare.lexical import (
    check_language,
    first_places,
    lexical_features,
    log_frequency,
    nuisance_variables,
    text_nuisance,
    word_length,
)


@pytest.mark.parametrize(
    ("token", "length"),
    [("dog", 3), ('"Seeker?"', 6), ("don't", 4), ("+", 1), ("--", 1), ("café,", 4), ("1904.", 4)],
)
def test_word_length(token, length):
    assert word_length(token) == length


def test_log_frequency():
    assert log_frequency("the") > log_frequency("rabbit") > log_frequency("quidditch") > 0
    assert log_frequency('"Rabbit,"') == log_frequency("rabbit")
    assert log_frequency("+") == log_frequency("xqzzvw") == 0


def test_tables():
    stimuli = pd.DataFrame({"id": ["a", "b"], "text": ["the", "+"]})
    features = lexical_features(stimuli)
    assert features.columns.tolist() == ["id", "Lexical/word_length", "Lexical/log_frequency"]
    nuisance = nuisance_variables(stimuli)
    assert nuisance["word_rate"].tolist() == [1.0, 1.0]
    assert nuisance["word_length"].tolist() == [3.0, 1.0]
    assert nuisance["log_frequency"].tolist() == features["Lexical/log_frequency"].tolist()


def test_a_place_that_all_or_none_have_is_no_variable():
    position = pd.Series([*range(10), 0, 1], index=range(5, 17))
    marks = first_places(position)
    assert list(marks) == [f"place_{k}" for k in range(1, 9)]
    assert marks.index.equals(position.index)
    for k in range(8):
        assert marks[f"place_{k + 1}"].tolist() == [float(at == k) for at in position]
    assert first_places(pd.Series([0, 0, 0])).shape == (3, 0)


def test_texts_by_hand_in_runs_that_alternate():
    texts = ["the dog", "a", "", "rabbit holes today"]
    stimuli = pd.DataFrame({"id": list("abcd"), "text": texts, "run": ["2", "1", "2", "2"]})
    found = text_nuisance(stimuli)
    assert found["id"].tolist() == list("abcd")
    assert found["words"].tolist() == [2.0, 1.0, 1.0, 3.0]
    assert found["word_length"].tolist() == pytest.approx([3, 1, 1, 16 / 3])
    mean = (log_frequency("the") + log_frequency("dog")) / 2
    assert found["log_frequency"].tolist()[:3] == pytest.approx([mean, log_frequency("a"), 0])
    assert found["position"].tolist() == [0.0, 0.0, 1.0, 2.0]
    assert found[["place_1", "place_2", "place_3"]].to_numpy().tolist() == [
        [1, 0, 0],
        [1, 0, 0],
        [0, 1, 0],
        [0, 0, 1],
    ]
    assert "place_4" not in found


def test_languages_without_frequencies_are_refused(monkeypatch):
    check_language("en", "some.key")
    with pytest.raises(InputError, match=r"unknown language in params.yaml: some.key.*got xx"):
        check_language("xx", "some.key")

    def lacking(*_):
        raise ModuleNotFoundError("no MeCab")

    monkeypatch.setattr("stages.prepare.lexical.zipf_frequency", lacking)
    with pytest.raises(InputError, match=r"package missing .*some.key.*got ja.*no MeCab"):
        check_language("ja", "some.key")
