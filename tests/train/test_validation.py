"""Which part of a text or of images a checkpoint is measured on, without any network."""

import json
from types import SimpleNamespace

import numpy as np
import pytest
import torch

from stages.core.run.errors import InputError
from stages.train import validation as module
from stages.train.scene.labelled_images import LabelledImages

IMAGES = LabelledImages(("a", "b"), np.array([0, 1, 1]), None, "d")


def checkpoint(folder, about):
    (folder / "config.json").write_text(json.dumps(about))
    (folder / "model.safetensors").write_bytes(b"weights")
    return folder


@pytest.mark.parametrize(("whole", "rows"), [(True, [0, 1, 2]), (False, [2])])
@pytest.mark.parametrize("names", [["a", "b"], None])
def test_images_held_out_or_all(tmp_path, monkeypatch, whole, rows, names):
    network = SimpleNamespace(num_classes=2, to=lambda device: device.type)
    monkeypatch.setattr(
        module.timm, "create_model", lambda name, pretrained: pretrained and network
    )
    monkeypatch.setattr(module, "choose_devices", lambda: [torch.device("meta"), None])
    monkeypatch.setattr(module, "split_rows", lambda *_: (np.array([0, 1]), np.array([2])))
    monkeypatch.setattr(module, "_evaluated", lambda network: {})
    monkeypatch.setattr(module, "plain_view", lambda data: "view")
    monkeypatch.setattr(
        module, "evaluate_classes", lambda *given, **named: (*given, named["batch"])
    )
    settings = SimpleNamespace(held_out=0.5, split_seed=0, batch=7)
    folder = checkpoint(tmp_path, {"architecture": "x", "label_names": names})
    found = module.validate_images(folder, IMAGES, settings, whole)
    assert (found[0], found[2].tolist(), found[4]) == ("meta", rows, 7)


def test_other_classes_are_refused(tmp_path, monkeypatch):
    network = SimpleNamespace(num_classes=2)
    monkeypatch.setattr(module.timm, "create_model", lambda name, pretrained: network)
    folder = checkpoint(tmp_path, {"architecture": "x", "label_names": ["b", "a"]})
    with pytest.raises(InputError, match=r"other classes .*expected b, a, got a, b"):
        module.validate_images(folder, IMAGES, None, True)


@pytest.mark.parametrize(("whole", "shown"), [(True, "all"), (False, "end")])
def test_a_text_held_out_or_all(tmp_path, monkeypatch, whole, shown):
    asked = {}

    def opened(folder, **named):
        asked.update(named)
        return SimpleNamespace(to=lambda device: device.type)

    monkeypatch.setattr(module, "load_tokenizer", lambda folder: None)
    monkeypatch.setattr(module, "load_config", lambda folder: "own")
    monkeypatch.setattr(module, "read_text", lambda path: "all")
    monkeypatch.setattr(module, "split_text", lambda *_: SimpleNamespace(held_out="end"))
    monkeypatch.setattr(module, "token_blocks", lambda tokenizer, text, *_: text)
    monkeypatch.setattr(module, "choose_devices", lambda: [torch.device("meta"), None])
    monkeypatch.setattr(module.AutoModelForCausalLM, "from_pretrained", opened)
    monkeypatch.setattr(module, "evaluate_words", lambda *given: given)
    settings = SimpleNamespace(held_out=0.5, block=4, batch=7)
    folder = checkpoint(tmp_path, {"model_type": "gpt2"})
    found = module.validate_words(folder, tmp_path / "text", settings, whole)
    assert found[:3] == ("meta", shown, 7)
    assert asked["use_safetensors"]
    assert asked["local_files_only"]
    assert asked["config"] == "own"
    assert asked["dtype"] == torch.float32


def test_a_checkpoint_of_the_other_kind_is_named(tmp_path):
    words = checkpoint(tmp_path, {"model_type": "gpt2"})
    with pytest.raises(InputError, match="expected an image network of timm, got gpt2"):
        module.validate_images(words, IMAGES, None, True)
    images = checkpoint(tmp_path, {"architecture": "resnet"})
    with pytest.raises(InputError, match="expected a language model of .*got resnet"):
        module.validate_words(images, tmp_path, None, True)


def test_what_cannot_be_read_is_told_in_a_line(tmp_path, monkeypatch):
    def broken(name, pretrained):
        raise OSError("no header\nat 0x1")

    monkeypatch.setattr(module.timm, "create_model", broken)
    folder = checkpoint(tmp_path, {"architecture": "x"})
    with pytest.raises(InputError, match=r"unreadable checkpoint .*got no header\. Name"):
        module.validate_images(folder, IMAGES, None, True)
