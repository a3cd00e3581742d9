"""The commands on families of two checkpoints: what is written, and what is told in red."""

import numpy as np
import pandas as pd
import pytest
import timm
import torch
from click.testing import CliRunner
from ruamel.yaml import YAML
from timm.models import save_for_hf

from stages.core.activations.activations import read_about, read_layer
from stages.core.activations.members import read_members, read_performance
from stages.core.nets.calibrated_norms import calibrate
from stages.core.recording.recording_files import read_stimuli
from stages.core.recording.types import stimuli_digest
from stages.core.run.tables import write_table
from stages.extract.__main__ import main
from tests.extract.neox_families import make_network, save


@pytest.fixture
def run(params_file, tmp_path):
    """Run a command on the family `here`, of steps 0 and 5, in the folder `here`."""

    def invoke(command, recording, unit, weights=(), pattern="", *, captions="first"):
        path, yaml = params_file("hf:gpt2"), YAML()
        content = yaml.load(path)
        here = f"file:{tmp_path}/here/step{{step}}" + "/{weights}" * bool(weights)
        pattern = pattern or here
        lists = {"sizes": [], "seeds": [], "weights": list(weights), "steps": [0, 5]}
        content["families"]["here"] = {"pattern": pattern, "unit": unit, "seen": 4.0} | lists
        content["families"]["here"] |= {"control": "", "published": ""}
        content["scene"]["extract"]["captions"] = captions
        yaml.dump(content, path)
        words = [command, "--params", path, "--recording", recording, "--family", "here"]
        words += ["--out", tmp_path / "out"]
        return CliRunner().invoke(main, [str(word) for word in words])

    return invoke


@pytest.fixture
def words(story, tmp_path):
    write_table(tmp_path / "recording" / "stimuli.parquet", story(16))
    return tmp_path / "recording"


def test_a_story_family_of_which_a_member_is_missing(run, words, tiny, tmp_path):
    save(make_network(0), tmp_path / "here" / "step0", tiny("gpt2"), 5.5)
    done = run("story-family", words, "tokens")
    assert done.exit_code == 0, done.output
    assert done.stderr.splitlines()[-1].startswith("failed: step000005: folder not found")
    members = read_members(tmp_path / "out")
    assert list(members["error"] == "") == [True, False]
    assert list(members["seen"]) == [0, 20]
    digest = stimuli_digest(read_stimuli(words / "stimuli.parquet"))
    about, _ = read_about(tmp_path / "out" / "step000000", digest)
    assert list(about.layers) == ["layer_00", "layer_01", "layer_02"], "no attention, if asked for"
    found = read_performance(tmp_path / "out").set_index("measure")["value"]
    assert found["heldout_loss"] == 5.5
    assert found["stimulus_loss"] > 0


def test_a_family_that_is_nowhere(run, words, tmp_path):
    done = run("story-family", words, "tokens")
    assert done.exit_code == 1
    said = done.stderr.splitlines()[-1]
    assert (
        "no member could be run in params.yaml: families.here: expected at least one of 2" in said
    )
    assert "folder not found" in said
    assert not (tmp_path / "out" / "members.parquet").exists()


def test_a_scene_family_of_raw_and_averaged_weights(run, scenery, tmp_path):
    """Both begin alike, which is no fault; what the training measured is kept."""
    with torch.random.fork_rng():
        torch.manual_seed(0)
        network = timm.create_model("test_vit", num_classes=5)
    for step in (0, 5):
        for weights in ("raw", "ema"):
            folder = tmp_path / "here" / f"step{step}" / weights
            with torch.no_grad():
                for one in network.parameters():
                    one.add_(0.01 * bool(step))
            save_for_hf(network, folder, safe_serialization=True)
            (folder / "evaluation.json").write_text(f'{{"top1": 0.{step}, "top5": 1}}')
    recording = scenery(6)
    done = run("scene-family", recording, "images", ("raw", "ema"))
    assert done.exit_code == 0, done.output
    assert "set aside" not in done.stderr
    members = read_members(tmp_path / "out")
    assert list(members["member"]) == [
        "raw-step000000", "raw-step000005", "ema-step000000", "ema-step000005",
    ]  # fmt: skip
    assert (members[["error", "set_aside"]] == "").all(axis=None)
    performance = read_performance(tmp_path / "out")
    top1 = performance[performance["measure"] == "top1"]
    assert list(top1["value"]) == [0, 0.5, 0, 0.5]
    assert set(performance["measure"]) == {"top1", "top5"}
    digest = stimuli_digest(read_stimuli(recording / "stimuli.parquet"))
    about, rows = read_about(tmp_path / "out" / "ema-step000005", digest)
    assert about.modality == "vision"
    assert len(rows) == 6
    before = (tmp_path / "out" / "raw-step000005" / "activations.json").stat().st_mtime_ns
    again = run("scene-family", recording, "images", ("raw", "ema"))
    assert again.exit_code == 0
    after = (tmp_path / "out" / "raw-step000005" / "activations.json").stat().st_mtime_ns
    assert after == before, "what is done is kept"
    pd.testing.assert_frame_equal(read_members(tmp_path / "out"), members)


def test_members_are_extracted_anew_when_captions_change(run, scenery, tmp_path):
    """Where all captions are shown; what is done is kept while they stay."""
    with torch.random.fork_rng():
        torch.manual_seed(0)
        network = timm.create_model("test_vit", num_classes=5)
    for step in (0, 5):
        with torch.no_grad():
            for one in network.parameters():
                one.add_(0.01 * bool(step))
        save_for_hf(network, tmp_path / "here" / f"step{step}" / "raw", safe_serialization=True)
    recording = scenery(6)
    firsts = read_stimuli(recording / "stimuli.parquet")[["id", "text"]].assign(number=0)
    passport = tmp_path / "out" / "passports"
    written = []
    for second in ("a dog", "a dog", "a cat"):
        captions = pd.concat([firsts, firsts.assign(number=1, text=second)])
        write_table(recording / "captions.parquet", captions)
        done = run("scene-family", recording, "images", ("raw",), captions="all")
        assert done.exit_code == 0, done.output
        written.append({path.name: path.read_bytes() for path in passport.iterdir()})
    assert written[0] == written[1]
    assert written[1] != written[2]


def test_a_step_0_whose_statistics_were_calibrated_is_one(run, scenery, tmp_path):
    """Under another name, the same statistics show that it was trained."""
    with torch.random.fork_rng():
        torch.manual_seed(0)
        network = timm.create_model("test_efficientnet", num_classes=5)
        calibrate(network, [torch.rand(4, 3, 64, 64)])
    for step in (0, 5):
        for weights in ("raw", "calibrated"):
            with torch.no_grad():
                network.conv_stem.weight.add_(0.01 * bool(step))
            folder = tmp_path / "here" / f"step{step}" / weights
            save_for_hf(network, folder, safe_serialization=True)
    done = run("scene-family", scenery(6), "images", ("raw", "calibrated"))
    assert done.exit_code == 0, done.output
    told = read_members(tmp_path / "out").set_index("member")["set_aside"]
    assert told["raw-step000000"].startswith("no step 0: ")
    assert "running_mean: expected 0 throughout" in told["raw-step000000"]
    assert (told.drop("raw-step000000") == "").all()


@pytest.mark.parametrize("command", ["story-family", "scene-family"])
def test_a_random_projection_is_drawn_anew_at_each_step(run, words, scenery, tmp_path, command):
    """It has no weights: nothing is fetched, measured or set aside, and what is done is kept."""
    recording, unit = (words, "tokens") if command == "story-family" else (scenery(6), "images")
    done = run(command, recording, unit, pattern="control:random-8:7.{step}")
    assert done.exit_code == 0, done.output
    members = read_members(tmp_path / "out")
    assert list(members["string"]) == ["control:random-8:7.0", "control:random-8:7.5"]
    assert (members[["error", "set_aside", "digest"]] == "").all(axis=None)
    assert read_performance(tmp_path / "out").empty
    digest = stimuli_digest(read_stimuli(recording / "stimuli.parquet"))
    layers = []
    for member in members["member"]:
        about, rows = read_about(tmp_path / "out" / member, digest)
        assert (about.layers, about.parameters) == ({"layer_00": 8}, 0)
        layers.append(read_layer(tmp_path / "out" / member, "layer_00", about, len(rows)))
    assert np.abs(layers[0] - layers[1]).min() > 0
    path = tmp_path / "out" / members["member"][0] / "activations.json"
    before = path.stat().st_mtime_ns
    assert run(command, recording, unit, pattern="control:random-8:7.{step}").exit_code == 0
    assert path.stat().st_mtime_ns == before


def test_an_unknown_family(params_file, words, tmp_path):
    args = ["story-family", "--params", params_file("hf:gpt2"), "--recording", words]
    args += ["--family", "raed", "--out", tmp_path / "out"]
    done = CliRunner().invoke(main, [str(arg) for arg in args])
    assert done.exit_code == 2
    assert "unknown family in params.yaml: families: got 'raed'. Did you mean 'read'" in done.stderr
