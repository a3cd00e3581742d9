"""The few numbers of each region: of the nearest hidden layer, and of what it prefers."""

import numpy as np
import pandas as pd
import pytest

from stages.profile.summary import summarise

# Layer, metric, family, score of the average: layer_01 is nearest, layer_00 in one family.
ROWS = [
    ("layer_00", "spearman", "all", 0.2),
    ("layer_01", "spearman", "all", 0.4),
    ("layer_00", "spearman", "syntax", 0.9),
    ("layer_01", "spearman", "syntax", 0.1),
    ("layer_01", "spearman", "speech", -0.3),
    ("layer_00", "cosine", "all", 0.8),
    ("layer_00", "spearman_preference", "all", 0.7),
    ("layer_01", "spearman_preference", "all", 0.6),
    ("layer_01", "spearman_preference", "syntax", 0.99),
]


def table(region="A", subject="group", kind="hidden", rows=ROWS, shift=0.0):
    found = pd.DataFrame(rows, columns=["layer", "metric", "family", "score"])
    numbers = {"null_mean": found["score"] / 10, "q": 0.01 + shift, "ceiling": 0.5 + shift}
    found["score"] += shift
    return found.assign(region=region, subject=subject, kind=kind, **numbers)


def test_the_nearest_layer_and_what_is_said_of_it():
    assert summarise(table()) == {
        "A": {
            "nearest_layer": "layer_01", "score": 0.4, "null": 0.04, "q": 0.01, "ceiling": 0.5,
            "preferred_layer": "layer_00", "syntax": 0.1, "speech": -0.3,
        }
    }  # fmt: skip


def test_each_region_by_itself_and_of_the_average_and_hidden_layers_alone():
    others = table(subject="p1", shift=0.3), table(kind="head", shift=0.5)
    both = summarise(pd.concat([*others, table(), table("B", shift=0.05)], ignore_index=True))
    assert list(both) == ["A", "B"]
    assert both["A"] == summarise(table())["A"]
    assert both["B"]["score"] == pytest.approx(0.45)
    assert both["B"]["q"] == pytest.approx(0.06)


def test_without_a_preference_there_is_none_and_a_missing_ceiling_stays_missing():
    plain = table(rows=[row for row in ROWS if row[1] == "spearman"]).assign(ceiling=np.nan)
    found = summarise(plain)["A"]
    assert "preferred_layer" not in found
    assert np.isnan(found["ceiling"])
