"""Few numbers of each layer and family, by hand."""

import pandas as pd
import pytest

from stages.survey.words import probe_summary
from stages.survey.words.probe_summary import summarise


def row(layer, family, score, q, largest, *, kind="hidden", metric="r"):
    told = {"layer": layer, "family": family, "kind": kind, "metric": metric}
    return told | {"score": score, "null_mean": score / 10, "q": q, "largest": largest}


@pytest.fixture(autouse=True)
def told(monkeypatch):
    """The largest q of all tests is told in a column."""
    monkeypatch.setattr(
        probe_summary, "upheld", lambda table: pd.DataFrame({"q": table["largest"]})
    )


def test_layers_and_families_are_summed_up_over_features():
    rows = [
        row("l2", "Speech", 0.2, 0.01, 0.04),
        row("l2", "Speech", 0.4, 0.049, 0.05),
        row("l2", "Speech", 0.3, 0.05, 0.3),
        row("l2", "Speech", 0.1, 0.2, 0.01),
        row("l2", "Speech", 0.12, 0.9, 0.9, metric="r_partial"),
        row("l2", "Speech", 0.14, 0.9, 0.9, metric="r_partial"),
        row("l2", "Motion", 0.5, 0.04, 0.04),
        row("l1", "Speech", -0.1, 0.06, 0.06, kind="attention"),
        row("l0", "Speech", 0.9, 0.0, 0.0, kind="head"),
    ]
    found = summarise(pd.DataFrame(rows, index=[9, 8, 7, 6, 5, 4, 3, 2, 1]))
    assert found == {
        "l2": {
            "Speech": {
                "score": 0.25,
                "null": 0.025,
                "significant": 0.5,
                "upheld": 0.5,
                "partial": 0.13,
            },
            "Motion": {"score": 0.5, "null": 0.05, "significant": 1.0, "upheld": 1.0},
        },
        "l1": {"Speech": {"score": -0.1, "null": -0.01, "significant": 0.0, "upheld": 0.0}},
    }
    assert list(found) == ["l2", "l1"]
    assert list(found["l2"]) == ["Speech", "Motion"]
