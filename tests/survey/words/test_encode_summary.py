"""Few numbers of each region, by hand."""

import numpy as np
import pandas as pd

from stages.survey.words.encode_summary import summarise


def row(region, kind, metric, layer, score, **more):
    numbers = {"null_mean": 0.01, "q": 0.02, "ceiling": np.nan}
    where = {"subject": "group", "region": region, "kind": kind}
    return where | {"metric": metric, "layer": layer, "score": score} | numbers | more


ROWS = [
    row("A", "nested", "r", "l1", 0.1, null_mean=0.01, q=0.01, ceiling=0.5),
    row("A", "nested", "r", "l2", 0.2, null_mean=0.02, q=0.02, ceiling=0.7),
    row("A", "nested", "r", "l2", 0.6, null_mean=0.06, q=0.09, ceiling=0.9),
    row("A", "nested", "r_partial", "l2", 0.3, q=0.3),
    row("A", "nested", "r_partial", "l2", 0.5, q=0.4),
    row("A", "nested", "r_partial", "l2", 0.7, q=0.9),
    row("A", "nested", "r2_unique", "l2", 0.02),
    row("A", "nested", "r2_unique", "l2", 0.04),
    row("A", "nested", "r2_shared", "l2", 0.03),
    row("A", "nested", "r2_shared", "l2", 0.07),
    row("A", "layer", "r", "l9", 9.0),
    row("A", "control", "r", "words", 0.25),
    row("A", "control", "r", "letters", 0.1),
    row("A", "control", "r", "words", 0.35),
    row("A", "control", "r2", "words", 5.0),
    row("B", "nested", "r", "l3", 0.4),
    row("A", "nested", "r", "l3", 8.0, subject="s1"),
]


def test_regions_are_summed_up_over_their_targets():
    found = summarise(pd.DataFrame(ROWS))
    assert found == {
        "A": {
            "best_layer": "l2",
            "score": 0.3,
            "null": 0.03,
            "q": 0.02,
            "ceiling": 0.7,
            "partial": 0.5,
            "partial_q": 0.4,
            "unique": 0.03,
            "shared": 0.05,
            "words": 0.3,
            "letters": 0.1,
        },
        "B": {"best_layer": "l3", "score": 0.4, "null": 0.01, "q": 0.02},
    }
    assert list(found["A"])[-2:] == ["words", "letters"]
