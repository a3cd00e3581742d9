"""Rows of one layer and of its heads, against designs that are probed one by one."""

import numpy as np
import pandas as pd
import pytest
from numpy.testing import assert_allclose

from stages.core.activations.activations import Activations, write_layer
from stages.core.params.schema import Folds
from stages.core.recording.types import Timeline
from stages.core.regression.folds import partition
from stages.core.regression.ridge import cross_validate
from stages.core.stats.chance import draw_shifts
from stages.core.stats.scores import pearson
from stages.core.time.sampled_features import sample_features
from stages.core.time.timeline import aligner
from stages.probe.probe_controls import make_controls
from stages.probe.probing import measure

RUNS = np.repeat(["1", "2", "3"], 24)
N = len(RUNS)
IDS = [f"w{i}" for i in range(N)]
WORDS = pd.DataFrame({"id": IDS, "sample": [f"t{i}" for i in range(N)]})
SAMPLES = pd.DataFrame({"id": WORDS["sample"], "run": RUNS})
CUT = partition(RUNS, Folds(scheme="runs", blocks=2, gap=1))
LAMBDAS = np.array([100.0, 1.0])


@pytest.fixture
def layers(rng):
    return {
        "layer_01": rng.standard_normal((N, 4)).astype(np.float32),
        "attention_01": rng.standard_normal((N, 6)).astype(np.float32),
    }


@pytest.fixture
def features(rng, layers):
    noise = rng.standard_normal((N, 2))
    held = np.column_stack([layers["layer_01"][:, 0], layers["attention_01"][:, 5]])
    first, second = (held + noise).T
    return pd.DataFrame({"id": IDS, "syntax/a": first, "word/b": second})


def probed(folder, layers, features):
    for name, values in layers.items():
        write_layer(folder / f"{name}.safetensors", values)
    widths = {name: values.shape[1] for name, values in layers.items()}
    about = Activations(
        "m", "m", "r", "language", 9, "t", None, "context", 20, "last", "float32", "d", "key",
        widths, widths, 3, ["a"],
    )  # fmt: skip
    align = aligner(Timeline(SAMPLES, 2.0, None), WORDS, "window", [0], centre=False)
    sampled = sample_features(features, align)
    other = np.random.default_rng(3).standard_normal(N)
    known = pd.DataFrame({"id": IDS, "length": other})
    controls = make_controls(sampled, features, known, RUNS, align, draws=9, seed=1)
    return sampled, align, measure(
        folder, about, align, sampled, n_rows=N, cut=CUT, lambdas=LAMBDAS,
        orders=draw_shifts(CUT.segments, 19, 1, seed=0), controls=controls,
    )  # fmt: skip


def test_layers_and_heads_score_as_designs_of_their_units(tmp_path, layers, features):
    sampled, align, found = probed(tmp_path, layers, features)
    parts = {"layer_01": layers["layer_01"], "attention_01": layers["attention_01"]}
    for k in range(3):
        parts[f"attention_01.head_{k + 1:02}"] = layers["attention_01"][:, 2 * k : 2 * k + 2]
    kinds = dict.fromkeys(parts, "head") | {"layer_01": "hidden", "attention_01": "attention"}
    plain = found[(found["metric"] == "r")].set_index(["layer", "target"])
    assert list(plain.index.unique("layer")) == list(parts)
    for part, units in parts.items():
        fit = cross_validate(align(units), sampled.series, CUT.folds, LAMBDAS)
        assert_allclose(plain.loc[part, "score"], pearson(fit.observed))
        assert set(plain.loc[part, "kind"]) == {kinds[part]}
    assert list(found.index) == list(range(len(found)))


def test_which_metrics_each_kind_has(tmp_path, layers, features):
    _, _, found = probed(tmp_path, layers, features)
    metrics = found.groupby("kind")["metric"].agg(set).to_dict()
    own = {"r", "r2", "r_odd", "r_even", "r_words"}
    assert metrics == {
        "hidden": own | {"r_partial", "r2_partial"},
        "attention": own,
        "head": {"r", "r2"},
        "baseline": {"r2"},
    }
    named = set(zip(found["target"], found["family"], strict=True))
    assert named == {("syntax/a", "syntax"), ("word/b", "word")}
    baseline = found[found["kind"] == "baseline"]
    assert list(baseline["layer"]) == ["mean", "mean"]
    assert list(baseline["target"]) == ["syntax/a", "word/b"]
    counts = found.groupby(["layer", "metric", "target"]).size()
    assert (counts == 1).all()
