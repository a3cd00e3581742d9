"""The summary of profiles, by hand."""

import pandas as pd

from stages.core.names.vocabulary import GROUP
from stages.profile.summary import summarise

COLUMNS = ["subject", "region", "kind", "layer", "metric", "family", "score"]
ROWS = [
    (GROUP, "b", "hidden", "layer_1", "spearman", "all", 0.2),
    (GROUP, "b", "hidden", "layer_2", "spearman", "all", 0.50001),
    (GROUP, "b", "hidden", "layer_3", "spearman", "all", 0.3),
    (GROUP, "b", "attention", "attention_1", "spearman", "all", 0.9),
    (GROUP, "b", "hidden", "layer_3", "pearson", "all", 0.9),
    ("S1", "b", "hidden", "layer_1", "spearman", "all", 0.99),
    (GROUP, "b", "hidden", "layer_1", "spearman", "syntax", 0.8),
    (GROUP, "b", "hidden", "layer_2", "spearman", "syntax", 0.4),
    (GROUP, "b", "hidden", "layer_2", "spearman", "word", -0.1),
    (GROUP, "b", "hidden", "layer_2", "pearson", "word", 0.7),
    (GROUP, "b", "hidden", "layer_1", "spearman_preference", "all", 0.1),
    (GROUP, "b", "hidden", "layer_3", "spearman_preference", "all", 0.7),
    (GROUP, "b", "hidden", "layer_2", "spearman_preference", "word", 0.9),
    (GROUP, "a", "hidden", "layer_1", "spearman", "all", -0.2),
    (GROUP, "a", "hidden", "layer_2", "spearman", "all", -0.3),
]


def test_the_nearest_layer_and_its_families():
    table = pd.DataFrame(ROWS, columns=COLUMNS)
    found = summarise(table.assign(null_mean=table["score"] / 2, q=0.25, ceiling=table.index))
    assert list(found) == ["b", "a"]
    assert found["b"] == {
        "nearest_layer": "layer_2",
        "score": 0.5,
        "null": 0.25,
        "q": 0.25,
        "ceiling": 1.0,
        "preferred_layer": "layer_3",
        "syntax": 0.4,
        "word": -0.1,
    }
    assert found["a"]["nearest_layer"] == "layer_1"
    assert "preferred_layer" not in found["a"]
