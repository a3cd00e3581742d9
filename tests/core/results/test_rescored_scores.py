"""The best layer of each model in each published way, by hand."""

import pandas as pd

from stages.core.names.story_regions import CONTROL_NETWORKS
from stages.core.results.rescored_scores import CEILING, RESCORED, best_layers, read_rescored
from stages.core.run.tables import write_table


def rows(model, layer, estimator="ridge", folds="runs", kind="layer", **scores):
    shared = {"recording": "x", "model": model, "layer": layer, "kind": kind}
    ways = {"estimator": estimator, "folds": folds}
    return [shared | ways | {"region": region, "score": score} for region, score in scores.items()]


def test_the_layer_whose_mean_over_regions_is_highest():
    control = sorted(CONTROL_NETWORKS)[0]
    table = pd.DataFrame(
        [
            *rows("z", "1", IFG=0.1, MFG=0.3, **{control: 9}),
            *rows("z", "2", IFG=0.6, MFG=0.0, **{control: -9}),
            *rows("z", "1", estimator="ols", IFG=0.8, MFG=0.2),
            *rows("z", "1", folds="shuffled", IFG=0.9),
            *rows("people", "others", kind=CEILING, IFG=2),
            *rows("a", "1", IFG=-0.5),
            *rows("a", "2", IFG=-0.7),
        ]
    )
    found = best_layers(table)
    assert list(found) == ["recording", "model", "estimator", "folds", "score"]
    told = [tuple(row) for row in found.round(9).itertuples(index=False)]
    assert told == [
        ("x", "z", "ridge", "runs", 0.3),
        ("x", "z", "ols", "runs", 0.5),
        ("x", "z", "ridge", "shuffled", 0.9),
        ("x", "a", "ridge", "runs", -0.5),
    ]
    assert list(found.index) == [0, 1, 2, 3]


def test_the_table_is_read(tmp_path):
    table = pd.DataFrame(rows("m", "1", IFG=0.1)).reindex(columns=list(RESCORED))
    numbers = [name for name, kind in RESCORED.items() if kind == "number"]
    table[numbers] = table[numbers].astype(float)
    write_table(tmp_path / "r.parquet", table)
    pd.testing.assert_frame_equal(read_rescored(tmp_path / "r.parquet"), table)
