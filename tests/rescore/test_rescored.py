"""The command on a small recording: a planted layer, and what neighbours share."""

import json

import numpy as np
import pandas as pd
import pytest
from click.testing import CliRunner
from ruamel.yaml import YAML

from stages.core.activations.activations import (
    Activations,
    write_about,
    write_failure,
    write_layer,
)
from stages.core.recording.recording_files import write_recording
from stages.core.recording.types import Subject, stimuli_digest
from stages.prepare.assemblies.pereira import load_pereira
from stages.rescore.__main__ import main
from stages.rescore.published_order import over_people
from stages.rescore.variants import places
from stages.simulate.language.assembly_writer import write_assembly
from tests.conftest import PROJECT

PASSAGES, LENGTH, UNITS = 40, 6, 5
N = PASSAGES * LENGTH
NAME = "pereira2018-simulated"


@pytest.fixture(scope="module")
def scored(tmp_path_factory):
    """Three people, read from an assembly, and their average, which is nobody.

    `language` follows layer_01 of a net; passages differ in `auditory`.
    """
    folder, rng = tmp_path_factory.mktemp("rescore"), np.random.default_rng(3)
    layers = {f"layer_{k:02d}": rng.standard_normal((N, UNITS)) for k in range(3)}
    drive = layers["layer_01"] @ rng.standard_normal((UNITS, 4)) / np.sqrt(UNITS)
    passage = np.repeat(rng.standard_normal((PASSAGES, 4)), LENGTH, axis=0)
    recording = _assembly(folder / "raw" / NAME, np.hstack([drive, passage]), rng)
    people = recording.subjects
    average = np.mean([one.responses for one in people], axis=0, dtype=np.float32)
    people.insert(0, Subject("group", average, people[0].targets))
    write_recording(folder / "prepared" / NAME, recording)
    _write_net(folder / "activations" / NAME / "net", layers, recording.stimuli)
    write_failure(folder / "activations" / NAME / "gone", "hf:gone", "gone", "no way")
    params = YAML(typ="safe").load(PROJECT / "params.yaml")
    params["models"] |= {"net": "st:net", "gone": "hf:gone"}
    params["language"] |= {"recordings": [NAME], "zoo": ["net", "gone"]}
    params["folds"]["gap"], params["chance"]["draws"] = 0, 99
    YAML().dump(params, folder / "params.yaml")
    return folder


def _assembly(raw, truth, rng):
    """Write three people as the public assemblies are, and load them: noise of variance 1."""
    people = np.repeat(["a", "b", "c"], 8)
    values = np.tile(truth, 3) + rng.standard_normal((N, len(people)))
    stimuli = {
        "experiment": ["simulated"] * N, "stimulus_num": np.arange(N), "stimulus": ["one"] * N,
        "passage_index": np.repeat(np.arange(PASSAGES), LENGTH),
        "passage_category": np.repeat([f"p{k:02d}" for k in range(PASSAGES)], LENGTH),
    }  # fmt: skip
    voxels = {
        "subject": people, "atlas": (["language"] * 4 + ["auditory"] * 4) * 3,
        "neuroid_id": [f"{one}.{k % 8}" for k, one in enumerate(people)],
    }  # fmt: skip
    order = rng.permutation(N)
    shuffled = {name: np.asarray(column)[order] for name, column in stimuli.items()}
    write_assembly(raw / "assembly.nc", values[order], shuffled, voxels)
    return load_pereira(raw, NAME)


def _write_net(folder, layers, stimuli):
    for name, values in layers.items():
        write_layer(folder / f"{name}.safetensors", values.astype(np.float32))
    widths = dict.fromkeys(layers, UNITS)
    about = Activations(
        "st:net", "net", "r", "language", 9, "t", None, "context", 20, "last", "float32",
        stimuli_digest(stimuli), "key", widths, widths, 0, [],
    )  # fmt: skip
    rows = stimuli[["id", "sample", "run", "onset"]].assign(offset=stimuli["onset"] + 1)
    write_about(folder, about, rows)


def run(folder):
    options = {
        "recordings": "prepared", "activations": "activations", "out": "rescored.parquet",
        "summary": "rescored.json", "params": "params.yaml",
    }  # fmt: skip
    words = [part for name, path in options.items() for part in (f"--{name}", folder / path)]
    return CliRunner().invoke(main, ["language", *map(str, words)])


@pytest.fixture(scope="module")
def table(scored):
    answer = run(scored)
    assert answer.exit_code == 0, answer.output
    assert "gone: left out, since it could not be run: no way" in answer.output
    rows = pd.read_parquet(scored / "rescored.parquet")
    return rows.set_index(["model", "region", "estimator", "folds", "layer"]).sort_index()


def test_the_planted_layer_is_found_and_reaches_its_ceiling(table):
    for way in (("ols", "groups"), ("ridge", "groups"), ("ols", "shuffled")):
        layers = table.loc[("net", "language", *way), "score"]
        assert layers.idxmax() == "layer_01"
        # One voxel: a signal of variance 1 in noise of variance 1.
        assert layers["layer_01"] == pytest.approx(np.sqrt(0.5), abs=0.06)
        assert abs(layers.drop("layer_01")).max() < 0.1


def test_neighbours_inflate_shuffled_scores_of_places_and_no_grouped_ones(table):
    at = table["score"].xs("places", level="model").droplevel("layer")
    for estimator in ("ols", "ridge"):
        assert at["auditory", estimator, "shuffled"] > 0.5
        assert abs(at["auditory", estimator, "groups"]) < 0.05
        assert abs(at["language", estimator, "shuffled"]) < 0.1


def test_whole_matrices_have_a_null_that_keeps_passages_together(table):
    rows = table.xs("none", level="folds").droplevel("layer")
    known = rows.loc[("places", "auditory")]
    assert (known["score"] > 0.03).all()
    assert np.allclose(known["score"], known["null_mean"], atol=0.01)
    planted = table.loc[("net", "language", "cka", "none", "layer_01")]
    assert planted["score"] > 0.2
    assert planted["p"] <= 0.011
    assert abs(planted["null_mean"]) < 0.03


def test_people_are_a_ceiling_of_whole_matrices(table):
    people = table.loc["people"]
    assert set(people["kind"]) == {"ceiling"}
    assert set(people.index.get_level_values("estimator")) == {"cka", "rdm"}
    for estimator in ("cka", "rdm"):
        bounds = people.loc["language", estimator, "none"]["score"]
        planted = table.loc[("net", "language", estimator, "none", "layer_01"), "score"]
        assert 0 < planted < bounds["infinitely_many"]
        assert bounds["others"] < bounds["infinitely_many"] < 1


def test_rows_say_how_much_they_rest_on(table, scored):
    assert set(table["subjects"]) == {3}
    assert set(table["targets"]) == {12}
    # Three layers and places, two regions; two cuts of two estimators, and two of two matrices.
    # People in two places, two regions, two cuts of two matrices.
    assert len(table) == 4 * 2 * 8 + 2 * 2 * 4
    shown = json.loads((scored / "rescored.json").read_text())[NAME]
    assert set(shown) == {"net", "places"}
    highest = table.loc[("net", "language", "ols", "shuffled"), "score"].max()
    # Auditory networks are a control, and no part of the mean.
    assert shown["net"]["ols_shuffled"] == pytest.approx(highest, abs=1e-4)


def test_shuffled_folds_in_the_parameters_leave_nothing_to_compare_with(scored, tmp_path):
    params = YAML(typ="safe").load(scored / "params.yaml")
    params["folds"]["scheme"] = "shuffled"
    for name in ("prepared", "activations"):
        (tmp_path / name).symlink_to(scored / name)
    YAML().dump(params, tmp_path / "params.yaml")
    answer = run(tmp_path)
    assert answer.exit_code == 2
    assert "nothing to compare with in params.yaml: folds.scheme" in answer.output
    assert not (tmp_path / "rescored.parquet").exists()


def test_medians_are_of_targets_first_and_then_of_people():
    scores, people = pd.Series([0.1, 0.2, 0.9, 0.5, 0.3]), pd.Series(list("aaabc"))
    found = over_people(scores, people)
    assert found["score"] == 0.3  # of .2, .5, .3
    assert found["error"] == pytest.approx(1.4826 * 0.1)


def test_places_tell_neighbours_and_no_other_run():
    design = places(np.repeat(["x", "y"], [8, 3]))
    assert design.shape == (11, 3)
    assert not design[:8, 2].any()
    assert not design[8:, :2].any()
    assert np.argmax(design[:, 2]) == 9
