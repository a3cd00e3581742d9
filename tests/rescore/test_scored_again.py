"""The table of scores and its best rows, by hand."""

import numpy as np
import pandas as pd

from stages.core.results.rescored_scores import RESCORED
from stages.rescore.scored_again import best_shown, rescored_table

ROW = {"recording": "x", "model": "m", "layer": "1", "kind": "hidden", "region": "IFG"}
WAY = {"estimator": "ols", "folds": "shuffled", "subjects": 3, "targets": 9}


def test_the_table_has_the_columns_it_declares():
    found = rescored_table(iter([ROW | WAY | {"score": 1, "more": 2}, ROW | WAY | {"p": 0.5}]))
    assert list(found) == list(RESCORED)
    for name, kind in RESCORED.items():
        assert (found[name].dtype == float) == (kind == "number")
    assert found["score"].tolist()[0] == 1
    assert np.isnan(found["score"][1])
    assert rescored_table([]).empty


def test_the_best_layer_in_each_way():
    ways = [("1", "ols", 0.123456), ("2", "ols", 0.1), ("1", "ridge", -0.5), ("2", "ridge", 0.25)]
    rows = [ROW | WAY | {"layer": a, "estimator": b, "score": c} for a, b, c in ways]
    rows.append(ROW | WAY | {"recording": "y", "model": "n", "score": 0.5})
    assert best_shown(rescored_table(rows)) == {
        "x": {"m": {"ols_shuffled": 0.1235, "ridge_shuffled": 0.25}},
        "y": {"n": {"ols_shuffled": 0.5}},
    }
    assert best_shown(pd.DataFrame(rows[:0], columns=list(RESCORED))) == {}
