"""Planted features are found in the layers and heads that hold them, and nowhere else."""

import numpy as np
import pandas as pd
import pytest

from stages.core.activations.activations import Activations, write_layer
from stages.core.params.schema import Folds, Lambdas
from stages.core.recording.types import Timeline
from stages.core.regression.folds import partition
from stages.core.regression.ridge import lambda_grid
from stages.core.results.results import results_table
from stages.core.stats.chance import draw_shifts
from stages.core.stats.multiple import adjust
from stages.core.time.sampled_features import sample_features
from stages.core.time.timeline import aligner
from stages.probe.probe_controls import make_controls
from stages.probe.probing import measure
from stages.survey.words.probe_summary import summarise
from tests.core.run.engines import use_pickling

RUNS = np.repeat(["1", "2", "3", "4"], 50)
WORDS = pd.DataFrame(
    {"id": [f"w{i}" for i in range(400)], "sample": [f"t{i // 2}" for i in range(400)]}
)
SAMPLES = pd.DataFrame({"id": [f"t{i}" for i in range(200)], "run": RUNS})


@pytest.fixture
def probe(tmp_path):
    """Probe layers, two words per sample, for features."""

    def run(layers, features, heads=0, nuisance=None):
        for name, values in layers.items():
            write_layer(tmp_path / f"{name}.safetensors", values.astype(np.float32))
        widths = {name: values.shape[1] for name, values in layers.items()}
        about = Activations(
            "m", "m", "r", "language", 9, "t", None, "context", 20, "last", "float32", "d", "key",
            widths, widths, heads, ["a", "b"],
        )  # fmt: skip
        align = aligner(Timeline(SAMPLES, 2.0, None), WORDS, "window", [0], centre=False)
        cut = partition(RUNS, Folds(scheme="runs", blocks=2, gap=5))
        annotated = pd.DataFrame({"id": WORDS["id"], **features})
        sampled = sample_features(annotated, align)
        known = None if nuisance is None else pd.DataFrame({"id": WORDS["id"], **nuisance})
        controls = make_controls(
            sampled, annotated, known, np.repeat(RUNS, 2), align, draws=999, seed=1
        )
        measured = measure(
            tmp_path, about, align, sampled,
            n_rows=400, cut=cut, lambdas=lambda_grid(Lambdas(low=1e-3, high=1e3, count=5)),
            orders=draw_shifts(cut.segments, 999, 5, seed=0),
            controls=controls,
        )  # fmt: skip
        return adjust(results_table(measured), ("kind", "metric"), "features × layers")

    return run


def test_planted_features_are_read_and_absent_ones_are_not(rng, probe):
    layers = {
        "layer_00": rng.standard_normal((400, 10)),
        "attention_01": rng.standard_normal((400, 4)),
    }
    features = {"A/planted": layers["layer_00"][:, 0], "B/absent": rng.standard_normal(400)}
    table = probe(layers, features, heads=2)
    counts = {"hidden": 10, "attention": 10, "head": 8, "baseline": 2}
    assert table.groupby("kind").size().to_dict() == counts
    summary = summarise(table)
    assert list(summary) == ["layer_00", "attention_01"]
    assert summary["layer_00"]["A"]["score"] > 0.99
    assert summary["layer_00"]["A"]["significant"] == 1
    assert summary["layer_00"]["A"]["upheld"] == 1
    assert summary["layer_00"]["B"]["significant"] == summary["layer_00"]["B"]["upheld"] == 0
    assert abs(summary["attention_01"]["A"]["score"]) < 0.25


def test_a_feature_is_found_in_the_head_that_holds_it_and_in_no_other(rng, probe):
    layers = {f"attention_{i:02}": rng.standard_normal((400, 8)) for i in (1, 2)}
    held = layers["attention_02"][:, 4:6] @ [2, -1]  # the third of four heads of two units
    table = probe(layers, {"A/held": held, "A/absent": rng.standard_normal(400)}, heads=4)
    heads = table[(table["kind"] == "head") & (table["metric"] == "r")]
    names = [f"attention_{i:02}.head_{h:02}" for i in (1, 2) for h in range(1, 5)]
    assert heads.groupby("target")["layer"].agg(list).to_dict() == dict.fromkeys(
        ["A/held", "A/absent"], names
    )
    found = heads.set_index(["target", "layer"])
    planted = found.loc[("A/held", "attention_02.head_03")]
    assert planted["score"] > 0.99
    assert planted["q"] < 0.05
    others = found.drop(index=[("A/held", "attention_02.head_03")])
    assert (others["q"] > 0.05).all()
    assert others["score"].max() < 0.25


def test_a_head_scores_as_a_layer_of_its_units_would(rng, probe):
    values = rng.standard_normal((400, 6))
    features = {"A/a": values[:, 3] + rng.standard_normal(400), "A/b": rng.standard_normal(400)}
    heads = probe({"attention_01": values}, features, heads=3)
    alone = probe({"layer_00": values[:, 2:4]}, features)
    columns = ["target", "metric", "score", "null_mean", "null_sd", "p", "n"]
    second = heads.loc[heads["layer"] == "attention_01.head_02", columns]
    chosen = (alone["kind"] == "hidden") & alone["metric"].isin(["r", "r2"])
    expected = alone.loc[chosen, columns]
    pd.testing.assert_frame_equal(
        second.reset_index(drop=True), expected.reset_index(drop=True), rtol=1e-5
    )


def test_controls_stand_beside_what_they_control(rng, probe):
    length, held = rng.standard_normal((2, 400))
    layers = {
        "layer_00": np.column_stack([length, held]) @ rng.standard_normal((2, 6)),
        "attention_01": length[:, None] * [1, -1],
    }
    features = {"A/held": held, "A/long": length + 0.5 * rng.standard_normal(400), "B/len": length}
    table = probe(layers, features, heads=2, nuisance={"word_rate": np.ones(400), "len": length})
    found = table.set_index(["target", "layer", "metric"]).sort_index()
    partial = table[table["metric"] == "r_partial"]
    assert set(partial["target"]) == {"A/held", "A/long", "B/len"}
    assert set(partial["layer"]) == {"layer_00"}
    assert (found.loc[("A/held", "layer_00")]["q"] < 0.05).all()
    assert found.loc[("A/long", "layer_00", "r"), "q"] < 0.05
    assert found.loc[("A/long", "layer_00", "r_words"), "q"] < 0.05
    assert found.loc[("A/long", "layer_00", "r_partial"), "p"] > 0.05
    assert found.loc[("B/len", "layer_00", "r_partial"), "score"] > 0.99  # beyond the word rate
    assert set(table.loc[table["metric"] == "r_words", "kind"]) == {"hidden", "attention"}
    summary = summarise(table)["layer_00"]
    assert summary["A"]["upheld"] == 0.5
    mean = partial.loc[partial["family"] == "A", "score"].mean()
    assert summary["A"]["partial"] == pytest.approx(mean, abs=5e-5)
    assert "partial" not in summarise(table)["attention_01"]["A"]
    words, plain = (
        table[(table["metric"] == metric) & (table["kind"] == "hidden")].set_index("target")
        for metric in ("r_words", "r")
    )
    pd.testing.assert_series_equal(words["score"], plain["score"])
    assert words["null_mean"].abs().max() < 0.1
    assert table.loc[table["metric"] == "r_words", "q_family"].str.contains("metric=r_words").all()


def test_a_model_without_attention_has_no_heads(rng, probe):
    table = probe({"layer_00": rng.standard_normal((400, 4))}, {"A/a": rng.standard_normal(400)})
    assert set(table["kind"]) == {"hidden", "baseline"}


def test_tasks_that_travel_find_the_same(rng, probe, monkeypatch, tmp_path):
    layers = {
        "layer_00": rng.standard_normal((400, 60)),
        "attention_01": rng.standard_normal((400, 12)),
    }
    features = {"A/a": layers["layer_00"][:, 0], "A/b": rng.standard_normal(400)}
    here = probe(layers, features, heads=6)
    use_pickling(monkeypatch, tmp_path / "scratch", "stages.probe.probing")
    pd.testing.assert_frame_equal(probe(layers, features, heads=6), here, check_exact=True)
    assert not list((tmp_path / "scratch").iterdir())
