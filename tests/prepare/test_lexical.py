import pandas as pd
import pytest

from stages.prepare.lexical import (
    lexical_features,
    log_frequency,
    nuisance_variables,
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
