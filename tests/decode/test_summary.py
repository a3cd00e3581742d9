"""The summary of a table of results, by hand."""

import numpy as np
import pandas as pd
import pytest

from stages.core.names.vocabulary import GROUP
from stages.decode.summary import summarise


@pytest.fixture
def table():
    rows = [
        (GROUP, "a", "x", "r", 0.123456, 0.01, 0.049, 0.5),
        (GROUP, "a", "y", "r", 0.9, 0.02, 0.05, 0.6),
        (GROUP, "a", "z", "r", 0.8, 0.03, 0.051, 0.6),
        (GROUP, "a", "w", "r", 0.7, 0.03, 0.04, 0.6),
        (GROUP, "a", "x", "r2", 7, 7, 7, 7),
        ("S1", "a", "x", "r", 8, 8, 8, 8),
        (GROUP, "b", "y", "r", -0.25, 0.0, 1.0, np.nan),
    ]
    columns = ["subject", "region", "target", "metric", "score", "null_mean", "q", "ceiling"]
    return pd.DataFrame(rows, columns=columns)


def test_each_region_by_its_best_feature(table):
    assert summarise(table, {"a": "x", "b": "y"}) == {
        "a": {
            "best_feature": "x",
            "score": 0.1235,
            "null": 0.01,
            "q": 0.049,
            "ceiling": 0.5,
            "significant": 0.5,
        },
        "b": {"best_feature": "y", "score": -0.25, "null": 0.0, "q": 1.0, "significant": 0.0},
    }


def test_of_one_subject_it_is_that_one(table):
    only = table.assign(subject="S1").drop(index=5)
    assert summarise(only, {"a": "y", "b": "y"})["a"]["score"] == 0.9
