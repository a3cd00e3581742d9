"""Features are averaged over the words of each sample, constants dropped, planted ones found."""

import logging

import numpy as np
import pandas as pd
import pytest
from numpy.testing import assert_allclose

from stages.core.activations import Activations, write_layer
from stages.core.chance import draw_shifts
from stages.core.errors import ConcordError
from stages.core.folds import partition
from stages.core.multiple import adjust
from stages.core.params import Folds, Lambdas
from stages.core.results import results_table
from stages.core.ridge import lambda_grid
from stages.probe.features import average_features, family
from stages.probe.measure import measure
from stages.probe.summary import summarise


@pytest.fixture
def words():
    ids = [f"w{i}" for i in range(6)]
    stimuli = pd.DataFrame({"id": ids, "sample": ["a", "a", "b", "", "d", "d"]})
    samples = pd.DataFrame({"id": list("abcd"), "run": "1"})
    features = pd.DataFrame(
        {"id": ids, "Part_of_speech/:": [1.0, 0, 3, 9, 2, 4], "Visual/var_WL": 0.0}
    )
    return features, stimuli, samples


def test_features_are_means_over_the_words_of_a_sample(words, caplog):
    with caplog.at_level(logging.WARNING):
        found = average_features(*words)
    assert list(found.samples["id"]) == ["a", "b", "d"]
    assert_allclose(found.series[:, 0], [0.5, 3, 3])
    assert found.names == ["Part_of_speech/:"]
    assert "feature Visual/var_WL left out: it is constant" in caplog.text


def test_nothing_but_constants_is_an_error(words):
    features, stimuli, samples = words
    with pytest.raises(ConcordError, match="no feature varies"):
        average_features(features[["id", "Visual/var_WL"]], stimuli, samples)


def test_families_are_types():
    assert [family("Part_of_speech/:"), family("Visual/word_length")] == [
        "Part_of_speech",
        "Visual",
    ]


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
    stimuli = pd.DataFrame({"id": ids, "sample": at})
    samples = pd.DataFrame({"id": [f"t{i}" for i in range(200)], "run": runs})
    cut = partition(runs, Folds(scheme="runs", blocks=2, gap=5))
    measured = measure(
        tmp_path, about, rows, average_features(features, stimuli, samples), cut=cut,
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
