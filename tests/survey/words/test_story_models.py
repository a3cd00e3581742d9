"""The models of the story stand side by side, the one that the study is about first."""

import json
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from click.testing import CliRunner
from ruamel.yaml import YAML

from stages.core.activations.activations import Activations, write_about, write_failure
from stages.core.names.models import parse_model
from stages.core.recording.types import stimuli_digest
from stages.core.results.left_out_scores import jackknife_table
from stages.core.results.pairs import read_pairs
from stages.core.results.results import read_results, results_table, write_results
from stages.core.results.survey import read_tables
from stages.core.run.errors import InputError
from stages.core.run.origins import of_layers
from stages.core.run.sealed_parquet import read_origin
from stages.core.run.tables import write_table
from stages.survey.__main__ import main
from stages.survey.words.story_models import chosen_shares, model_numbers, side_by_side
from stages.survey.zoo_models import Model
from tests.conftest import PROJECT
from tests.recorded import describe

SHORT = {"net": "st:net", "deep": "hf:deep", "gone": "hf:gone"}
NAMES = ("net", "net+untrained", "deep", "gone")
STIMULI = pd.DataFrame(
    {
        "id": ["w0", "w1"],
        "text": ["a", "b"],
        "run": "1",
        "onset": [0.0, 0.5],
        "duration": 0.5,
        "sample": "t0",
    }
)


def about(name, digest="d"):
    spec = parse_model(name, SHORT)
    layers = {"layer_00": 4, "layer_01": 4}
    return Activations(
        spec.string, name, "r", "language", 9, "T", spec.seed, "context", 20, "last", "float32",
        digest, "key", layers, layers, 0, [],
    )  # fmt: skip


@pytest.fixture
def models():
    ran = [Model(parse_model(name, SHORT), about(name)) for name in NAMES[:3]]
    return [*ran, Model(parse_model("gone", SHORT), None, "no such repository")]


def encoded(name, score):
    """Two regions of the average, the chosen layer and both layers; one subject scores nothing."""
    row = {"model": name, "dataset": "alice", "metric": "r", "null_mean": 0.0, "q": 0.01}
    rows = [
        row | {"subject": subject, "region": region, "kind": kind, "layer": layer, "score": s}
        for subject, s in (("group", score), ("s1", 0.0))
        for region in ("V", "W")
        for kind, layer in (("nested", "layer_01"), ("hidden", "layer_00"), ("hidden", "layer_01"))
    ]
    return results_table(rows)


def without(table):
    """Scores without each of three pieces of the story."""
    nested = table[table["kind"] == "nested"]
    return jackknife_table(
        [nested.assign(piece=k, score=nested["score"] + 0.01 * k) for k in range(3)]
    )


def probed(name, score):
    row = {"dataset": "alice", "model": name, "kind": "hidden", "metric": "r"}
    row |= {"family": "syntax", "null_mean": 0.0}
    return results_table(
        [
            row | {"target": f"Part_of_speech/{k}", "layer": layer, "score": s, "q": 0.01}
            for k in range(3)
            for layer, s in (("layer_00", score), ("layer_01", score / 2))
        ]
    )


SCORES = {"net": 0.5, "net+untrained": 0.2, "deep": 0.6}


def tables(make):
    return [*(make(name, score) for name, score in SCORES.items()), results_table([])]


def test_tables_are_in_the_order_of_the_models_without_those_that_failed(models):
    table = side_by_side(models, tables(encoded))
    assert list(table["model"].unique()) == list(SCORES)
    pd.testing.assert_frame_equal(
        table[table["model"] == "deep"].reset_index(drop=True), encoded("deep", 0.6)
    )


def test_a_few_numbers_of_every_model(models):
    encode, probe = (side_by_side(models, tables(make)) for make in (encoded, probed))
    numbers = model_numbers(models, encode, probe)
    assert list(numbers) == list(SCORES)
    for name, score in SCORES.items():
        assert numbers[name] == {
            "encode": pytest.approx(score), "encode_significant": 1, "encode_layer": "layer_01",
            "probe": pytest.approx(score), "probe_layer": "layer_00",
            "probe_upheld": 1,
        }  # fmt: skip
    unsure = encode.assign(q=np.where(encode["region"] == "V", 0.5, 0.01))
    assert model_numbers(models, unsure, probe)["net"]["encode_significant"] == 0.5
    # Two of three features are not of these words in the better layer, and one in the other.
    word, layer = probe["target"].str[-1], probe["layer"]
    chance = ((layer == "layer_00") & (word != "0")) | (word == "2")
    words = probe.assign(metric="r_words", q=np.where(chance, 0.5, 0.01))
    both = pd.concat([probe, words], ignore_index=True)
    assert model_numbers(models, encode, both)["net"]["probe_upheld"] == pytest.approx(
        1 / 3, abs=1e-4
    )


def test_numbers_are_means_over_regions_and_of_equal_layers_the_first(models):
    """By hand: three targets in two regions; q that are not below .05 count for nothing."""
    row = {"model": "net", "dataset": "alice", "subject": "group", "kind": "nested", "metric": "r"}
    cells = [
        ("V", "layer_01", 0.1, 0.05),
        ("V", "layer_01", 0.5, 0.049),
        ("W", "layer_00", 0.7, 0.9),
    ]
    rows = [
        row | {"region": region, "layer": layer, "score": score, "q": q, "target": f"t{at}"}
        for at, (region, layer, score, q) in enumerate(cells)
    ]
    others = [row | {"kind": "hidden", "layer": "layer_07", "score": 9.0, "region": "V", "q": 0.0}]
    others += [
        row | {"metric": "r_partial", "layer": "layer_07", "score": 9.0, "region": "X", "q": 0.0}
    ]
    read = {"kind": "hidden", "subject": "", "region": "", "family": "f"}
    probe = [
        row | read | {"target": f"f/{at}", "layer": layer, "score": score, "q": q}
        for layer in ("layer_05", "layer_02")
        for at, (score, q) in enumerate([(0.25, 0.05), (0.75, 0.01)])
    ]
    probe += [
        row | {"kind": "nested", "layer": "layer_09", "score": 9.0, "target": "f/0", "q": 0.0}
    ]
    found = model_numbers(models[:1], results_table(rows + others), results_table(probe))["net"]
    assert found == {
        "encode": 0.5, "encode_significant": round(1 / 3, 4), "encode_layer": "layer_01",
        "probe": 0.5, "probe_layer": "layer_05", "probe_upheld": 0.5,
    }  # fmt: skip


def test_a_table_in_which_another_model_stands_too_is_refused(models):
    mixed = pd.concat([encoded("net", 0.5), encoded("deep", 0.5)], ignore_index=True)
    with pytest.raises(InputError, match=r"results of another model .*got \['net', 'deep'\]"):
        side_by_side(models[:1], [mixed])


@pytest.fixture
def run(tmp_path, models):
    """Run the command on the folders of a study."""
    recording = tmp_path / "recording"
    write_table(recording / "stimuli.parquet", STIMULI)
    describe(recording)
    rows = STIMULI[["id", "sample", "run", "onset"]].assign(offset=1.0)
    digest = stimuli_digest(STIMULI)
    for place, model in enumerate(models):
        folder = tmp_path / "activations" / model.name
        if model.about is None:
            write_failure(folder, model.spec.string, model.name, model.error)
        else:
            write_about(folder, replace(model.about, stimuli_digest=digest), rows)
        origin, file = of_layers(recording, folder), f"{model.name}.parquet"
        for name, made in (("encode", tables(encoded)), ("probe", tables(probed))):
            write_results(tmp_path / "results" / name / file, made[place], origin)
        write_table(tmp_path / "jackknife" / file, without(tables(encoded)[place]), origin)
    content = YAML(typ="safe").load(PROJECT / "params.yaml")
    content["models"] |= SHORT
    content |= {"model": "net"}
    content["story"]["zoo"] = ["deep", "gone"]
    YAML().dump(content, tmp_path / "params.yaml")
    words = ["story", "--params", tmp_path / "params.yaml"]
    for name in ("recording", "activations", "results", "jackknife", "summary"):
        words += [f"--{name}", tmp_path / name]
    return lambda: CliRunner().invoke(main, [str(word) for word in words])


def test_the_command(run, tmp_path):
    done = run()
    assert done.exit_code == 0, done.output
    for name in ("encode", "probe"):
        table = read_results(tmp_path / "results" / f"{name}.parquet", name, "")
        assert list(table["model"].unique()) == list(SCORES)
    pairs = read_pairs(tmp_path / "results" / "pairs.parquet", "")
    assert pairs[["model", "other"]].drop_duplicates().to_numpy().tolist() == [
        ["net", "deep"],
        ["net", "net+untrained"],
    ]
    group = pairs[pairs["subject"] == "group"].set_index("other")
    assert np.allclose(group.loc["net+untrained", "difference"], 0.3)
    assert np.allclose(group.loc["deep", "difference"], -0.1)
    roll = read_tables(tmp_path / "results", ["models"])["models"]
    assert list(roll["model"]) == list(NAMES)
    assert list(roll["architecture"]) == ["net", "net", "deep", "gone"]
    assert roll["error"].iloc[3] == "no such repository"
    metrics = {
        name: json.loads((tmp_path / "summary" / f"{name}.json").read_text())
        for name in ("encode", "probe", "models")
    }
    assert metrics["encode"]["V"]["score"] == 0.5
    assert metrics["probe"]["layer_00"]["syntax"] == {
        "score": 0.5, "null": 0.0, "significant": 1.0, "upheld": 1.0
    }  # fmt: skip
    assert set(metrics["models"]) == set(SCORES)


@pytest.mark.parametrize("kind", ["results/encode", "results/probe", "jackknife"])
@pytest.mark.parametrize(
    ("name", "got"),
    [("recording toy", "got 000000000000"), ("activations toy/deep", "got 000000000000")],
)
def test_a_table_of_something_else_is_refused(run, tmp_path, kind, name, got):
    """Of the same models and people, from another recording or other layers."""
    path = tmp_path / kind / "deep.parquet"
    origin = read_origin(path, "")
    write_table(path, pd.read_parquet(path), origin | {name: "0" * 64})
    done = run()
    stage = "probe_zoo" if kind.endswith("probe") else "encode_zoo"
    assert done.exit_code == 2, done.output
    assert done.output.strip().splitlines()[-1].startswith("error: made from something else in")
    assert f"{name} " in done.output
    assert f"{got}. Run `dvc repro {stage}@deep`." in done.output


def test_tables_say_what_they_were_made_from(run, tmp_path):
    assert run().exit_code == 0
    expected = ["activations toy/deep", "activations toy/net", "activations toy/net+untrained"]
    for name in ("encode", "probe", "models", "pairs", "intervals"):
        origin = read_origin(tmp_path / "results" / f"{name}.parquet", "")
        assert sorted(origin) == [*expected, "recording toy"]


def test_a_table_that_is_missing_is_named_with_its_stage(run, tmp_path):
    (tmp_path / "results" / "probe" / "deep.parquet").unlink()
    done = run()
    assert done.exit_code == 2
    assert "deep.parquet. Run `dvc repro probe_zoo@deep`." in done.output


def test_results_of_another_model_are_no_models_own(models):
    tables = [encoded(name, 0.5) for name in ("net", "net", "deep")] + [results_table([])]
    with pytest.raises(InputError, match=r"another model in .*net\+untrained.*got \['net'\]"):
        side_by_side(models, tables)
    without = pd.DataFrame({"model": ["net"], "metric": "r"})
    with pytest.raises(InputError, match="another model in scores without pieces.*net twice"):
        chosen_shares(encoded("net", 0.5).iloc[:0], [without[:0], without, without])
