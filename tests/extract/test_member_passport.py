"""What is known of a checkpoint when its weights are gone."""

import hashlib
import json
from pathlib import Path
from types import SimpleNamespace

import pytest
import torch
from safetensors.torch import save_file

from stages.core.nets.source import Source
from stages.core.run.errors import InputError
from stages.extract import member_passport as module
from stages.extract.member_passport import (
    Found,
    has_passport,
    is_drawn,
    read_passport,
    write_drawn,
    write_passport,
)

SHOWN = {"stimuli": "abc", "units": 5}
STATE = {"w": torch.arange(6.0).reshape(2, 3), "b": torch.ones(2), "x.running_mean": torch.ones(2)}


def member(scheme="hf", step=3, weights="", name="m-3"):
    spec = SimpleNamespace(label=name, scheme=scheme, string=f"{scheme}:m@{step}")
    return SimpleNamespace(family="f", spec=spec, step=step, weights=weights, name=name)


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """The folder of a family whose member's activations are whole."""
    (tmp_path / "out/m-3").mkdir(parents=True)
    about = json.dumps({"key": "k1", "parameters": 8})
    (tmp_path / "out/m-3/activations.json").write_text(about)
    monkeypatch.setattr(module, "is_whole", lambda place, key: (place.name, key) == ("m-3", "k1"))
    return tmp_path / "out"


@pytest.fixture
def source(tmp_path):
    (tmp_path / "net").mkdir()
    save_file(STATE, tmp_path / "net/model.safetensors")
    return Source(tmp_path / "net", "r1")


def evaluate(source):
    return {"loss": 2.5}


def test_a_passport_is_read_back(folder, source):
    (source.folder / "evaluation.json").write_text('{"accuracy": 1, "loss": 9.0}')
    write_passport(member(), source, evaluate, SHOWN, folder)
    found = read_passport(folder, member())
    digest = hashlib.sha256((source.folder / "model.safetensors").read_bytes()).hexdigest()
    assert found.files == {"model.safetensors": digest}
    assert found.digest == digest
    assert (found.fault, found.parameters, found.error) == ("", 8, "")
    assert found.performance == {"accuracy": 1.0, "loss": 2.5}
    assert found.fingerprint.entries["w"].tolist() == [0, 1, 2, 3, 4, 5]
    assert Found().digest == ""


def test_the_same_checkpoint_is_not_fetched_again(folder, source):
    assert not has_passport(member(), SHOWN, folder)
    write_passport(member(), source, evaluate, SHOWN, folder)
    assert has_passport(member(), SHOWN, folder)
    assert has_passport(member(), dict(reversed(SHOWN.items())), folder)
    assert not has_passport(member(), SHOWN | {"units": 6}, folder)
    assert not has_passport(member(step=4), SHOWN, folder)
    fingerprint = folder / "passports/m-3.safetensors"
    kept = fingerprint.read_bytes()
    fingerprint.unlink()
    assert not has_passport(member(), SHOWN, folder)
    fingerprint.write_bytes(kept)
    about = folder / "passports/m-3.json"
    about.write_text(about.read_text().replace('"k1"', '"k2"'))
    assert not has_passport(member(), SHOWN, folder)


def test_another_version_of_extraction_is_another_request(folder, source, monkeypatch):
    write_passport(member(), source, evaluate, SHOWN, folder)
    monkeypatch.setattr(module, "EXTRACTION", -1)
    assert not has_passport(member(), SHOWN, folder)


def test_folders_are_looked_at_again(folder, source, monkeypatch):
    one = member("file")
    write_passport(one, source, evaluate, SHOWN, folder)
    for revision, there in (("r1", True), ("r2", False)):
        found = Source(source.folder, revision)
        monkeypatch.setattr(module, "find_source", lambda spec, found=found: found)
        assert has_passport(one, SHOWN, folder) is there

    def gone(spec):
        raise InputError("no such folder", where="net")

    monkeypatch.setattr(module, "find_source", gone)
    assert not has_passport(one, SHOWN, folder)


def test_a_member_without_weights_predicts_nothing(folder):
    one = member("control")
    assert is_drawn(one)
    assert not is_drawn(member())
    write_drawn(one, SHOWN, folder)
    found = read_passport(folder, one)
    assert found == Found(files={}, fault="", parameters=0, performance={})
    assert has_passport(one, SHOWN, folder)


@pytest.fixture
def drawn(monkeypatch, source):
    """Step 0 is held against what is drawn: names of both, and of other initialisers."""
    config = SimpleNamespace(model_type="gpt_neox")
    fresh = {name: torch.zeros(1) for name in STATE}
    monkeypatch.setattr(module, "draw_initial", lambda folder, seed: fresh | {f"seed{seed}": 0})
    monkeypatch.setattr(module, "load_config", lambda folder: config)
    monkeypatch.setattr(module, "is_timm_folder", lambda folder: config.model_type == "timm")
    monkeypatch.setattr(
        module, "gpt_neox_spreads", lambda config, names: ("spreads", sorted(names))
    )
    fault = lambda state, drawn, others: f"{sorted(drawn)}, {len(others)} others"  # noqa: E731
    monkeypatch.setattr(module, "initial_fault", fault)
    return config


def fault_of(folder, one, source):
    write_passport(one, source, evaluate, SHOWN, folder)
    return json.loads((folder / "passports/m-3.json").read_text())["fault"]


def test_a_step_0_is_held_against_what_is_drawn(folder, source, drawn):
    names = ["b", "seed0", "w", "x.running_mean"]
    assert fault_of(folder, member(step=0), source) == f"no step 0: {names}, 1 others"
    assert fault_of(folder, member(step=1), source) == ""
    for other in ("gpt2", "timm"):
        drawn.model_type = other
        assert fault_of(folder, member(step=0), source) == f"no step 0: {names}, 0 others"


def test_statistics_of_calibrated_weights_show_nothing(folder, source, drawn):
    for weights in module.FITTED:
        told = fault_of(folder, member(step=0, weights=weights), source)
        assert told == f"no step 0: {['b', 'seed0', 'w']}, 1 others"
    assert "running_mean" in fault_of(folder, member(step=0, weights="raw"), source)


def test_a_step_0_without_a_fault(folder, source, drawn, monkeypatch):
    monkeypatch.setattr(module, "initial_fault", lambda *given: "")
    assert fault_of(folder, member(step=0), source) == ""


@pytest.mark.parametrize("value", ["1", "true", "null", "Infinity", "NaN"])
def test_evaluations_are_finite_numbers(folder, source, value):
    (source.folder / "evaluation.json").write_text(f'{{"accuracy": {value}}}')
    if value == "1":
        write_passport(member(), source, lambda source: {}, SHOWN, folder)
        assert read_passport(folder, member()).performance == {"accuracy": 1.0}
        return
    with pytest.raises(InputError, match=r"wrong evaluation .*accuracy|no number of JSON"):
        write_passport(member(), source, evaluate, SHOWN, folder)


def test_a_training_checkpoint_is_one_file(folder, monkeypatch):
    monkeypatch.setattr(module, "read_checkpoint", lambda path, part: SimpleNamespace(state=STATE))
    source = Source(Path("run/last.pth.tar"), "r7", "ema")
    write_passport(member(), source, evaluate, SHOWN, folder)
    assert read_passport(folder, member()).files == {"last.pth.tar": "r7"}
