import logging
import os
import shutil
import signal
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from time import monotonic, sleep

import numpy as np
import pytest
from safetensors import safe_open
from transformers import BertModel

from stages.core.activations.activations import read_about, read_failure, read_layer
from stages.core.names.layers import ATTENTION_STATISTICS as STATISTICS
from stages.core.names.models import parse_model
from stages.core.recording.types import stimuli_digest
from stages.core.run.errors import InputError
from stages.core.run.tables import write_table
from stages.extract import extraction, resume
from stages.extract.extraction import extract_story
from stages.extract.words import text_tower
from tests.conftest import PROJECT

WORDS = 1100  # three shards
NAMES = ["layer_00", "layer_01", "layer_02", "attention_01", "attention_02"]


@pytest.fixture
def spec(tiny):
    return parse_model("tiny", {"tiny": f"file:{tiny('bert')}"})


@pytest.fixture
def extracted(spec, settings):
    """Extract the tiny model's activations, with some settings changed."""

    def run(stimuli, folder, **changes):
        changed = settings.model_copy(update=changes)
        assert extract_story(stimuli, spec, changed, folder) is None

    return run


@contextmanager
def scratch_kept(**functions):
    """Keep the scratch folder for inspection; replace other functions of the stage."""
    with pytest.MonkeyPatch.context() as patch:
        for name, function in functions.items():
            patch.setattr(extraction, name, function)
        patch.setattr(extraction.shutil, "rmtree", lambda *args, **kwargs: None)
        yield


def never(*args, **kwargs):
    raise AssertionError("called")


def times(paths):
    return {path: path.stat().st_mtime_ns for path in paths}


def layers(folder, stimuli):
    about, rows = read_about(folder, stimuli_digest(stimuli))
    return {name: read_layer(folder, name, about, len(rows)).copy() for name in about.layers}


def scratch():
    return Path(os.environ["CONCORD_SCRATCH"])


def folders(parent):
    """What lies there, but the lock that a kill leaves, which nobody holds."""
    return [path for path in parent.iterdir() if path.is_dir()]


def test_the_contract(extracted, spec, story, tiny, tmp_path):
    stimuli = story(50)
    extracted(stimuli, tmp_path / "tiny")
    about, rows = read_about(tmp_path / "tiny", stimuli_digest(stimuli))
    assert about.label == "tiny"
    assert about.model == spec.string
    assert (about.presentation, about.context, about.pooling) == ("context", 5, "last")
    assert (about.dtype, about.seed, about.heads) == ("float32", None, 2)
    assert about.layers == about.widths == dict(zip(NAMES, [16, 16, 16, 16, 16], strict=True))
    trained = BertModel.from_pretrained(tiny("bert"), add_pooling_layer=False)
    assert (about.modality, about.parameters) == ("language", trained.num_parameters())
    assert about.attention_statistics == list(STATISTICS)
    assert list(rows["id"]) == list(stimuli["id"])
    assert set(layers(tmp_path / "tiny", stimuli)) == set(NAMES)
    assert sorted(path.name for path in (tmp_path / "tiny").iterdir()) == sorted(
        ["activations.json", "rows.parquet", *(f"{name}.safetensors" for name in NAMES)]
    )
    assert list(scratch().iterdir()) == []


def test_windows(extracted, story, tmp_path):
    stimuli = story(50)
    extracted(stimuli, tmp_path, presentation="window", pooling="mean")
    about, rows = read_about(tmp_path, stimuli_digest(stimuli))
    assert about.context is None
    assert list(rows["id"]) == list(dict.fromkeys(stimuli["sample"]))
    assert len(layers(tmp_path, stimuli)["layer_02"]) == 13


def test_rows_are_in_the_order_of_the_story(extracted, story, tmp_path, monkeypatch):
    """Shards and batches are by length; what the same words give tells the order."""
    stimuli = story(60)
    monkeypatch.setattr(text_tower, "SHARD", 7)
    extracted(stimuli, tmp_path, context=1)
    values = layers(tmp_path, stimuli)["layer_02"]
    for text in stimuli["text"].unique():
        same = values[(stimuli["text"] == text).to_numpy()]
        np.testing.assert_allclose(same, np.broadcast_to(same[0], same.shape), atol=1e-5)
    assert len(np.unique(values.round(3), axis=0)) == stimuli["text"].nunique()


def test_windows_know_no_context(extracted, story, tmp_path, caplog):
    stimuli = story(20)
    extracted(stimuli, tmp_path, presentation="window", context=3)
    with caplog.at_level(logging.INFO, "concord.extract"), scratch_kept(share_out=never):
        extracted(stimuli, tmp_path, presentation="window", context=4)
    assert "kept all layers" in caplog.text


def test_no_attention(extracted, story, tmp_path):
    stimuli = story(20)
    extracted(stimuli, tmp_path, attention=False)
    about, _ = read_about(tmp_path, stimuli_digest(stimuli))
    assert list(about.layers) == NAMES[:3]
    assert (about.heads, about.attention_statistics) == (0, [])


def test_a_second_run_computes_nothing(extracted, story, tmp_path, caplog):
    stimuli = story(20)
    extracted(stimuli, tmp_path)
    before = times(tmp_path.glob("*.safetensors"))
    with caplog.at_level(logging.INFO, "concord.extract"), scratch_kept(share_out=never):
        extracted(stimuli, tmp_path)
    assert "kept all layers" in caplog.text
    assert times(tmp_path.glob("*.safetensors")) == before


def test_a_broken_layer_is_made_again(extracted, story, tmp_path):
    stimuli = story(20)
    extracted(stimuli, tmp_path)
    expected = layers(tmp_path, stimuli)
    path = tmp_path / "layer_01.safetensors"
    path.write_bytes(path.read_bytes()[:-8])
    with pytest.raises(InputError, match="unreadable tensor"):
        layers(tmp_path, stimuli)
    extracted(stimuli, tmp_path)
    for name, values in layers(tmp_path, stimuli).items():
        np.testing.assert_array_equal(values, expected[name])


def test_another_extraction_replaces_the_first(extracted, story, tmp_path, caplog):
    stimuli = story(20)
    extracted(stimuli, tmp_path)
    first = layers(tmp_path, stimuli)["layer_02"]
    (tmp_path / ".layer_01.safetensors.17.partial").touch()
    with caplog.at_level(logging.INFO, "concord.extract"):
        extracted(stimuli, tmp_path, context=2, attention=False)
    second = layers(tmp_path, stimuli)
    assert list(second) == NAMES[:3]
    assert not np.allclose(first, second["layer_02"])
    assert "kept" not in caplog.text
    assert "removed" in caplog.text
    assert not list(tmp_path.glob("attention_*"))
    assert not list(tmp_path.glob("*.partial"))


def test_a_folder_between_two_extractions_does_not_look_finished(extracted, story, tmp_path):
    stimuli = story(20)
    extracted(stimuli, tmp_path)
    with scratch_kept(write_layer=never), pytest.raises(AssertionError):
        extracted(stimuli, tmp_path, pooling="sum")
    with pytest.raises(InputError, match=r"file not found in .*activations\.json"):
        read_about(tmp_path, stimuli_digest(stimuli))


def test_stimuli_changed_after_extraction(extracted, story, tmp_path):
    stimuli = story(20)
    extracted(stimuli, tmp_path)
    changed = stimuli.assign(text=["Witch", *stimuli["text"][1:]])
    with pytest.raises(InputError, match=r"stimuli changed after extraction.*dvc repro"):
        read_about(tmp_path, stimuli_digest(changed))
    extracted(changed, tmp_path)
    read_about(tmp_path, stimuli_digest(changed))


@pytest.mark.parametrize("given", ["many", "0", "-3", "1.5"])
def test_wrong_batch_size(extracted, story, monkeypatch, given, tmp_path):
    monkeypatch.setenv("CONCORD_BATCH_TOKENS", given)
    with pytest.raises(InputError, match=f"CONCORD_BATCH_TOKENS: expected .* got {given}"):
        extracted(story(20), tmp_path)


# Kills itself, as hard as can be, after the n-th call of a writer.
KILLED = """
import os, runpy, signal, sys
from stages.extract import extraction
name, n = sys.argv[1], int(sys.argv[2])
write, calls = getattr(extraction, name), []
def writer(*args):
    write(*args)
    calls.append(args)
    if len(calls) == n:
        os.kill(os.getpid(), signal.SIGKILL)
setattr(extraction, name, writer)
sys.argv = ["extract", "story", *sys.argv[3:]]
runpy.run_module("stages.extract", run_name="__main__")
"""


@pytest.fixture
def killed(tiny, story, params_file, tmp_path):
    """Run the command until a writer has been called n times; give back what it left."""

    def run(writer, n):
        stimuli = story(WORDS)
        write_table(tmp_path / "stimuli.parquet", stimuli)
        command = [
            sys.executable, "-c", KILLED, writer, str(n),
            "--stimuli", tmp_path / "stimuli.parquet", "--out", tmp_path / "out",
            "--model", "tiny", "--params", params_file(f"file:{tiny('bert')}"),
        ]  # fmt: skip
        done = subprocess.run(command, cwd=PROJECT, capture_output=True, text=True, check=False)
        assert done.returncode == -signal.SIGKILL, done.stderr
        return stimuli, parse_model("tiny", {"tiny": f"file:{tiny('bert')}"}), tmp_path / "out"

    return run


def check_resumed(stimuli, folder, extract_to, whole):
    """The resumed extraction equals one that was never interrupted."""
    found = layers(folder, stimuli)
    shutil.rmtree(scratch())
    extract_to(stimuli, whole)
    expected = layers(whole, stimuli)
    assert list(found) == list(expected) == NAMES
    for name, values in found.items():
        np.testing.assert_array_equal(values, expected[name])


def test_a_kill_among_the_shards(killed, extracted, settings, tmp_path, caplog):
    stimuli, spec, folder = killed("write_shard", 2)
    assert not folder.exists()
    (work,) = folders(scratch())
    before = times(work.iterdir())
    assert len(before) == 2
    with caplog.at_level(logging.INFO, "concord.extract"), scratch_kept():
        extract_story(stimuli, spec, settings, folder)
    assert "kept 2 of 3 shards" in caplog.text
    assert times(before) == before
    check_resumed(stimuli, folder, extracted, tmp_path / "whole")


def test_a_kill_among_the_layers(killed, extracted, settings, tmp_path, caplog):
    stimuli, spec, folder = killed("write_layer", 2)
    with pytest.raises(InputError, match=r"file not found in .*activations\.json"):
        read_about(folder, stimuli_digest(stimuli))
    assert {path.stem for path in folder.iterdir()} == {"layer_00", "layer_01"}
    with caplog.at_level(logging.INFO, "concord.extract"), scratch_kept(share_out=never):
        extract_story(stimuli, spec, settings, folder)
    assert "kept 3 of 3 shards" in caplog.text
    check_resumed(stimuli, folder, extracted, tmp_path / "whole")


def test_a_broken_shard_is_computed_again(extracted, story, tmp_path):
    stimuli = story(WORDS)
    with scratch_kept(write_layer=never), pytest.raises(AssertionError):
        extracted(stimuli, tmp_path / "again")
    (work,) = folders(scratch())
    first, second, third = sorted(work.iterdir())
    second.write_bytes(second.read_bytes()[:-100])
    third.write_bytes(b"nonsense")
    before = times([first])
    with scratch_kept():
        extracted(stimuli, tmp_path / "again")
    assert times([first]) == before
    check_resumed(stimuli, tmp_path / "again", extracted, tmp_path / "whole")


def test_equal_numbers_are_equal_bytes(extracted, story, tmp_path, monkeypatch):
    """Layers say nothing of how they were made, so that nothing reruns when they are the same."""
    stimuli = story(20)
    extracted(stimuli, tmp_path / "one")
    monkeypatch.setattr(resume, "EXTRACTION", resume.EXTRACTION + 1)
    extracted(stimuli, tmp_path / "two")
    for path in (tmp_path / "one").glob("*.safetensors"):
        assert path.read_bytes() == (tmp_path / "two" / path.name).read_bytes()
        with safe_open(path, "numpy") as file:
            assert not file.metadata()


def test_two_workers_equal_one(extracted, story, tmp_path, monkeypatch):
    stimuli = story(WORDS)
    extracted(stimuli, tmp_path / "one")
    monkeypatch.setenv("CONCORD_DEVICE", "cpu,cpu")
    extracted(stimuli, tmp_path / "two")
    for name, values in layers(tmp_path / "one", stimuli).items():
        np.testing.assert_array_equal(values, layers(tmp_path / "two", stimuli)[name])


def test_a_second_run_at_once_waits_and_computes_nothing(
    extracted, story, tmp_path, monkeypatch, caplog
):
    """As an orphan does, whose DVC was killed while it ran."""
    caplog.set_level("INFO")
    stimuli, write, written = story(20), extraction._write, []

    def slowly(*args):
        written.append(args)
        end = monotonic() + 30
        while "waiting for another run" not in caplog.text and monotonic() < end:
            sleep(0.01)
        write(*args)

    monkeypatch.setattr(extraction, "_write", slowly)
    with ThreadPoolExecutor(2) as pool:
        runs = [pool.submit(extracted, stimuli, tmp_path / "both") for _ in range(2)]
    assert [run.result() for run in runs] == [None, None]
    assert len(written) == 1
    assert "kept all layers" in caplog.text
    extracted(stimuli, tmp_path / "alone")
    for name, values in layers(tmp_path / "alone", stimuli).items():
        np.testing.assert_array_equal(values, layers(tmp_path / "both", stimuli)[name])


def test_a_failure_is_recorded_unless_the_model_is_required(story, settings, tmp_path):
    spec = parse_model("mine", {"mine": "file:/nonsuch"})
    error = extract_story(story(9), spec, settings, tmp_path)
    assert "folder not found" in error
    assert read_failure(tmp_path) == error
    with pytest.raises(InputError, match="folder not found"):
        extract_story(story(9), spec, settings, tmp_path / "other", required=True)
    assert not (tmp_path / "other").exists()
