"""Planted features are found in the layers that hold them."""

import numpy as np
import pandas as pd

from stages.core.activations import Activations, write_layer
from stages.core.chance import draw_shifts
from stages.core.features import sample_features
from stages.core.folds import partition
from stages.core.multiple import adjust
from stages.core.params import Folds, Lambdas
from stages.core.recording import Timeline
from stages.core.results import results_table
from stages.core.ridge import lambda_grid
from stages.core.timeline import aligner
from stages.probe.measure import measure
from stages.probe.summary import summarise


def test_planted_features_are_read_and_absent_ones_are_not(rng, tmp_path):
    runs = np.repeat(["1", "2", "3", "4"], 50)
    ids = [f"w{i}" for i in range(400)]
    at = [f"t{i // 2}" for i in range(400)]
    rows = pd.DataFrame({"id": ids, "sample": at})
    layers = {
        "layer_00": rng.standard_normal((400, 10)),
        "attention_01": rng.standard_normal((400, 4)),
    }
    for name, values in layers.items():
        write_layer(tmp_path / f"{name}.safetensors", values.astype(np.float32), "key")
    about = Activations(
        "m", "m", "r", "t", None, "context", 20, "last", "float32", "d",
        {name: values.shape[1] for name, values in layers.items()}, 2, ["a", "b"],
    )  # fmt: skip
    features = pd.DataFrame(
        {"id": ids, "A/planted": layers["layer_00"][:, 0], "B/absent": rng.standard_normal(400)}
    )
    samples = pd.DataFrame({"id": [f"t{i}" for i in range(200)], "run": runs})
    align = aligner(Timeline(samples, 2.0, None), rows, "window", [0])
    cut = partition(runs, Folds(scheme="runs", blocks=2, gap=5))
    measured = measure(
        tmp_path, about, align, sample_features(features, align), n_rows=400, cut=cut,
        lambdas=lambda_grid(Lambdas(low=1e-3, high=1e3, count=5)),
        orders=draw_shifts(cut.segments, 199, 5, seed=0),
    )  # fmt: skip
    table = adjust(results_table(measured), ("kind", "metric"), "features × layers")
    assert table.groupby("kind").size().to_dict() == {"hidden": 4, "attention": 4, "baseline": 2}
    summary = summarise(table)
    assert summary["layer_00"]["A"]["score"] > 0.99
    assert summary["layer_00"]["A"]["significant"] == 1
    assert summary["layer_00"]["B"]["significant"] == 0
    assert abs(summary["attention_01"]["A"]["score"]) < 0.25
