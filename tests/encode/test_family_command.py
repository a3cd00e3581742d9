"""The command on a small family: who is scored, by which designs, and where the drive arrives."""

import json
import shutil
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from click.testing import CliRunner
from ruamel.yaml import YAML

from stages.core.activations.activations import Activations, write_about, write_layer
from stages.core.activations.members import member_table, performance_table, write_members
from stages.core.recording.recording_files import write_recording
from stages.core.recording.types import Cleaning, Recording, Subject, stimuli_digest
from stages.core.results.family_scores import FAMILY_COLUMNS
from stages.core.time.cleaning import clean
from stages.encode import one_model
from stages.encode.__main__ import main
from tests.conftest import PROJECT

RUNS = np.repeat(["1", "2", "3", "4"], 40)
N = len(RUNS)
LAYERS = {"layer_00": 6, "layer_01": 5, "attention_01": 4}
CLEANING = Cleaning(False, 0.0, True)


@pytest.fixture(autouse=True)
def _own_scratch(monkeypatch, tmp_path):
    monkeypatch.setenv("CONCORD_SCRATCH", str(tmp_path / "scratch"))
    monkeypatch.setenv("CONCORD_JOBS", "1")


@pytest.fixture
def learnt(rng):
    """What the second layer of a trained member holds, and the regions follow."""
    return rng.standard_normal((N, LAYERS["layer_01"]))


@pytest.fixture
def recording(rng, tmp_path, learnt):
    """Write two people of two regions, a word per sample: A follows what is learnt, B does not."""
    ids = [f"t{k:03d}" for k in range(N)]
    onset = np.tile(np.arange(40.0) * 2, 4)
    stimuli = pd.DataFrame(
        {"id": [f"w{k:03d}" for k in range(N)], "text": "word", "run": RUNS, "onset": onset}
    ).assign(duration=1.0, sample=ids)
    drive = learnt @ rng.standard_normal((5, 1))
    subjects = []
    for name in ("s1", "s2"):
        follows = drive / drive.std() + 0.5 * rng.standard_normal((N, 3))
        values = clean(np.hstack([follows, rng.standard_normal((N, 3))]), RUNS, 2.0, CLEANING)
        targets = pd.DataFrame({"id": [f"v{k}" for k in range(6)], "region": list("AAABBB")})
        places = {axis: pd.array(range(6), "Int64") for axis in "ijk"}
        targets = targets.assign(hemisphere="", **places, ceiling=np.nan)
        subjects.append(Subject(name, values.astype(np.float32), targets))
    made = Recording(
        dataset="toy", kind="timeseries", tr=2.0, cleaning=CLEANING, stimuli=stimuli,
        samples=pd.DataFrame({"id": ids, "run": RUNS, "onset": onset}), subjects=subjects,
        nuisance=pd.DataFrame({"id": stimuli["id"], "length": rng.standard_normal(N)}),
    )  # fmt: skip
    write_recording(tmp_path / "recording", made)
    return made


def write_member(folder, layers, stimuli):
    for name, values in layers.items():
        write_layer(folder / f"{name}.safetensors", values.astype(np.float32))
    about = Activations(
        "hf:a", folder.name, "r", "language", 9, "t", None, "context", 20, "last", "float32",
        stimuli_digest(stimuli), folder.name, LAYERS, LAYERS, 2, ["a", "b"],
    )  # fmt: skip
    rows = stimuli[["id", "sample", "run", "onset"]].assign(offset=stimuli["onset"] + 1)
    write_about(folder, about, rows)


@pytest.fixture
def family(rng, tmp_path, recording, learnt):
    """Write a member of noise, one that has learnt, one that failed and one set aside."""
    rows = []
    for step, error, aside in ((0, "", ""), (8, "", ""), (16, "gone", ""), (32, "", "a copy")):
        name = f"seed2-step{step:06d}"
        place = {"family": "toy", "member": name, "size": "", "seed": 2, "weights": ""}
        rows.append(place | {"step": step, "seen": 8.0 * step, "error": error, "set_aside": aside})
        layers = {one: rng.standard_normal((N, units)) for one, units in LAYERS.items()}
        if step:
            layers["layer_01"] = learnt
        if not error:
            write_member(tmp_path / "toy" / name, layers, recording.stimuli)
    write_members(tmp_path / "toy", member_table(rows), performance_table([]))
    return tmp_path / "toy"


@pytest.fixture
def run(tmp_path, family):
    def invoke(shifts=19):
        yaml = YAML()
        content = yaml.load(PROJECT / "params.yaml")
        content["encode"] |= {"downsample": "window", "min_voxels": 2}
        content["folds"] |= {"scheme": "runs", "gap": 3}
        content["ridge"]["lambdas"]["count"] = 4
        content["trajectory"]["shifts"] = shifts
        yaml.dump(content, tmp_path / "params.yaml")
        out = tmp_path / "scores.parquet"
        words = ["family", "--recording", tmp_path / "recording", "--activations", family]
        words += ["--out", out, "--params", tmp_path / "params.yaml"]
        words += ["--jackknife", tmp_path / "pieces.parquet"]
        done = CliRunner().invoke(main, [str(word) for word in words])
        assert done.exit_code == 0, done.output
        assert done.output.count("few short runs") == 1, "of a family too"
        assert "control `onset`" in done.output
        return pd.read_parquet(out)

    return invoke


def test_the_members_that_ran_are_scored_by_hidden_layers_beyond_nuisance(run):
    table = run()
    assert tuple(table.columns) == FAMILY_COLUMNS
    assert list(table["member"].unique()) == ["seed2-step000000", "seed2-step000008"]
    assert (table["model"] == table["member"]).all()
    assert set(table["of"]) == {"toy"}
    assert set(table["family"]) == {""}
    assert set(table["kind"]) == {"hidden", "nested"}
    assert set(table.loc[table["kind"] == "hidden", "layer"]) == {"layer_00", "layer_01"}
    assert set(table["subject"]) == {"s1", "s2", "group"}
    assert set(table["metric"]) == {"r_partial", "r2_partial", "r2_unique"}
    least = table.loc[table["kind"] == "hidden", "p"].min()
    assert least == pytest.approx(1 / 20), "the shifts of trajectories, not those of `chance`"


def test_without_nuisance_variables_the_layers_are_scored_as_they_are(run, recording, tmp_path):
    shutil.rmtree(tmp_path / "recording")
    write_recording(tmp_path / "recording", replace(recording, nuisance=None))
    table = run()
    assert set(table["kind"]) == {"hidden", "nested", "baseline"}
    assert set(table["metric"]) == {"r", "r2"}


def test_the_region_is_predicted_once_its_drive_is_learnt(run):
    table = run()
    rows = table[(table["kind"] == "hidden") & (table["metric"] == "r_partial")]
    rows = rows[rows["subject"] == "group"].set_index(["step", "region", "layer"])["score"]
    assert rows[8, "A", "layer_01"] > 0.7
    quiet = rows.drop((8, "A", "layer_01"))
    assert quiet.abs().max() < 0.35
    nested = table[(table["kind"] == "nested") & (table["step"] == 8) & (table["region"] == "A")]
    assert set(nested.loc[nested["metric"] == "r_partial", "layer"]) == {"layer_01"}


def test_what_is_done_is_kept_until_something_changes(run, monkeypatch, tmp_path):
    asked, encode = [], one_model.encode_model

    def counted(encoding, activations, **options):
        asked.append(activations.name)
        return encode(encoding, activations, **options)

    monkeypatch.setattr(one_model, "encode_model", counted)
    first = run()
    assert len(asked) == 2
    pd.testing.assert_frame_equal(run(), first)
    assert len(asked) == 2
    run(shifts=9)
    assert len(asked) == 4
    path = tmp_path / "recording" / "recording.json"
    path.write_text(json.dumps(json.loads(path.read_text()), indent=5))
    run(shifts=9)
    assert len(asked) == 6


def test_a_member_alone_has_the_scores_that_encode_model_gives(run, tmp_path):
    """The family's nested choice is among hidden layers, as that of the model by itself."""
    table = run()
    words = ["model", "--recording", tmp_path / "recording", "--out", tmp_path / "one.parquet"]
    words += ["--activations", tmp_path / "toy" / "seed2-step000008"]
    words += ["--jackknife", tmp_path / "without.parquet"]
    words += ["--params", tmp_path / "params.yaml"]
    content = YAML(typ="safe").load(tmp_path / "params.yaml")
    content["chance"]["draws"] = content["trajectory"]["shifts"]
    YAML().dump(content, tmp_path / "params.yaml")
    done = CliRunner().invoke(main, [str(word) for word in words])
    assert done.exit_code == 0, done.output
    one = pd.read_parquet(tmp_path / "one.parquet")
    assert {"attention", "control"} <= set(one["kind"])
    same = ["subject", "region", "layer", "kind", "metric"]
    both = table[table["step"] == 8].merge(one, on=same)
    assert len(both) == (table["step"] == 8).sum()
    np.testing.assert_allclose(both["score_x"], both["score_y"])
    np.testing.assert_allclose(both["p_x"].astype(float), both["p_y"].astype(float))
    pieces, without = (
        pd.read_parquet(tmp_path / f"{name}.parquet") for name in ("pieces", "without")
    )
    place = ["subject", "region", "layer", "metric", "piece"]
    left = pieces[pieces["step"] == 8].merge(without, on=place)
    assert len(left) == (pieces["step"] == 8).sum() > 0
    np.testing.assert_allclose(left["score_x"], left["score_y"])


def test_one_model_by_shuffled_folds_whatever_the_parameters_say(run, tmp_path):
    run()
    yaml, changed = YAML(), tmp_path / "shuffled.yaml"
    content = yaml.load(tmp_path / "params.yaml")
    content["folds"]["scheme"] = "shuffled"
    yaml.dump(content, changed)
    member = tmp_path / "toy/seed2-step000008"
    found = []
    for command, params in (("shuffled", tmp_path / "params.yaml"), ("model", changed)):
        out = tmp_path / f"{command}.parquet"
        words = [command, "--recording", tmp_path / "recording", "--activations", member]
        words += ["--out", out, "--params", params]
        words += ["--jackknife", tmp_path / "jackknife.parquet"] if command == "model" else []
        done = CliRunner().invoke(main, [str(word) for word in words])
        assert done.exit_code == 0, done.output
        found.append(pd.read_parquet(out))
    pd.testing.assert_frame_equal(*found)
    assert set(found[0]["split"]) == {"held-out shuffled"}
