"""Medians of targets, and then of people, by hand."""

import pandas as pd
import pytest
from scipy.stats import median_abs_deviation

from stages.rescore.published_order import over_people


def test_medians_of_medians_and_how_people_differ():
    scores = pd.Series([0.1, 0.3, 0.9, 0.2, 0.6, 0.8], index=[9, 8, 7, 6, 5, 4])
    people = pd.Series(["b", "b", "b", "a", "c", "c"])
    found = over_people(scores, people)
    assert found["score"] == pytest.approx(0.3)
    deviation = median_abs_deviation([0.3, 0.2, 0.7], scale="normal")
    assert found["error"] == pytest.approx(deviation, rel=1e-4)
    assert all(type(value) is float for value in found.values())


def test_of_one_person_nothing_differs():
    assert over_people(pd.Series([0.5]), pd.Series(["a"])) == {"score": 0.5, "error": 0.0}
