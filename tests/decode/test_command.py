"""The command writes results, maps and metrics, and skips what has no voxels with a message."""

import json
from dataclasses import replace

import nibabel
import numpy as np
import pandas as pd
import pytest
from click.testing import CliRunner
from ruamel.yaml import YAML

from stages.core.recording.recording_files import write_recording
from stages.core.recording.types import Cleaning, Recording, Subject
from stages.decode.__main__ import main
from tests.conftest import PROJECT
from tests.decode.conftest import AFFINE, SIDE, ball

N_TRS = 40


@pytest.fixture
def params(tmp_path):
    content = YAML(typ="safe").load(PROJECT / "params.yaml")
    content["chance"]["draws"] = 19
    content["decode"] |= {"regions": "all", "min_voxels": 5, "downsample": "window"}
    path = tmp_path / "params.yaml"
    YAML().dump(content, path)
    return path


def make_recording(rng, voxels=True):
    runs = np.repeat(["1", "2", "3"], N_TRS)
    samples = pd.DataFrame({"id": [f"t{i}" for i in range(len(runs))], "run": runs})
    samples["onset"] = np.arange(len(runs)) * 2.0
    stimuli = samples.assign(text="word", duration=0.5, sample=samples["id"])
    features = pd.DataFrame({"id": stimuli["id"], "Speech/speak": rng.standard_normal(len(runs))})
    place = ball(30, rng).astype(float)
    targets = pd.DataFrame({"id": [f"v{i}" for i in range(30)], "region": "Angular_L"})
    targets = targets.assign(hemisphere="L", ceiling=np.nan)
    targets[["i", "j", "k"]] = place if voxels else np.nan
    responses = features[["Speech/speak"]].to_numpy() + rng.standard_normal((len(runs), 30))
    shape = (SIDE, SIDE, SIDE) if voxels else None
    subject = Subject(
        "s1", responses.astype(np.float32), targets, AFFINE if voxels else None, shape
    )
    return Recording(
        "toy", "timeseries", 2.0, Cleaning(True, 0.0, True), stimuli, samples, [subject], features
    )


def run(folder, params, recording):
    write_recording(folder / "recording", recording)
    options = {name: str(folder / name) for name in ("recording", "maps")}
    options |= {"out": str(folder / "decode.parquet"), "summary": str(folder / "decode.json")}
    words = [word for name, value in options.items() for word in (f"--{name}", value)]
    result = CliRunner().invoke(main, [*words, "--params", str(params)])
    assert result.exit_code == 0, result.output
    table = pd.read_parquet(folder / "decode.parquet")
    return result, table, json.loads((folder / "decode.json").read_text())


def test_results_maps_and_metrics(tmp_path, params, rng):
    result, table, metrics = run(tmp_path, params, make_recording(rng))
    assert result.output.count("few short runs") == 1
    assert "Decoding has no control of that" in result.output
    assert metrics["Angular_L"]["best_feature"] == "Speech/speak"
    assert metrics["Angular_L"]["score"] > 0.5
    r = table[table["metric"] == "r"]
    assert r["q_family"].tolist() == ["regions × features; subject=s1, metric=r"]
    assert table["split"].unique() == ["held-out runs"]
    assert nibabel.load(tmp_path / "maps" / "s1.nii.gz").shape == (SIDE, SIDE, SIDE, 1)


def test_voxels_without_a_place_are_skipped_with_a_message(tmp_path, params, rng):
    result, table, metrics = run(tmp_path, params, make_recording(rng, voxels=False))
    assert "toy is skipped: voxels without their places i, j, k in targets.parquet" in result.output
    assert metrics == {"skipped": "voxels without their places i, j, k in targets.parquet"}
    assert table.empty
    assert list((tmp_path / "maps").iterdir()) == []


def test_a_run_with_too_few_trs_is_refused_by_number(tmp_path, params, rng):
    recording = make_recording(rng)
    runs = recording.samples["run"].where(recording.samples.index < 112, "4")
    recording.samples["run"] = recording.stimuli["run"] = runs
    write_recording(tmp_path / "recording", recording)
    words = ["--recording", str(tmp_path / "recording"), "--maps", str(tmp_path / "maps")]
    words += ["--out", str(tmp_path / "x"), "--summary", str(tmp_path / "y")]
    result = CliRunner().invoke(main, [*words, "--params", str(params)])
    assert result.exit_code == 2
    last = result.output.splitlines()[-1]
    assert "run or block with too few samples" in last
    assert "segment 4 of 4: expected at least 18 samples for folds.gap 8, got 8" in last


@pytest.mark.parametrize("centre", [True, False])
def test_the_count_of_words_is_a_feature_only_if_asked_for(tmp_path, params, rng, centre):
    recording = make_recording(rng)
    features = recording.features.assign(**{"Speech/one": 1.0})
    content = YAML(typ="safe").load(params)
    content["decode"]["downsample"] = "glover"
    content["story"]["centre"] = centre
    YAML().dump(content, params)
    result, table, _ = run(tmp_path, params, replace(recording, features=features))
    assert ("Speech/one" in set(table["target"])) != centre
    assert ("feature Speech/one left out: it is constant" in result.output) == centre
