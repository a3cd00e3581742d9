"""The tower of a network of transformers that sees, and the pixels that it is given."""

from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
import torch
from transformers import AutoImageProcessor, ViTImageProcessor

from stages.core.run.errors import InputError
from stages.extract.images import hidden_tower as module
from stages.extract.images.hidden_tower import hidden_tower, processor_transform


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    path = tmp_path_factory.mktemp("model")
    half = {"image_mean": [0.5] * 3, "image_std": [0.25] * 3}
    ViTImageProcessor(size={"height": 4, "width": 4}, **half).save_pretrained(path)
    return path


def test_pixels_are_scaled_as_the_processor_says(folder):
    image = np.zeros((4, 4, 3), dtype=np.uint8)
    image[1, 2] = (255, 51, 0)
    pixels = processor_transform(folder)(image)
    assert (pixels.shape, pixels.dtype) == ((3, 4, 4), torch.float32)
    np.testing.assert_allclose(pixels[:, 1, 2], [2.0, -1.2, -2.0], atol=1e-6)
    np.testing.assert_allclose(pixels[:, 0, 0], -2.0)


def test_code_of_a_model_is_not_run(folder, monkeypatch):
    asked = {}

    def load(where, **how):
        asked.update(how, where=where)
        raise OSError("first line\nsecond")

    monkeypatch.setattr(AutoImageProcessor, "from_pretrained", load)
    with pytest.raises(InputError, match="unreadable image processor in .*got first line"):
        processor_transform(folder)
    assert (asked["local_files_only"], asked["trust_remote_code"]) == (True, False)
    assert (asked["backend"], asked["where"]) == ("pil", folder)


@pytest.mark.parametrize("seed", [None, 0])
def test_the_part_that_sees_is_opened_without_attention(monkeypatch, seed):
    made = {}
    monkeypatch.setattr(module, "processor_transform", lambda folder: "a transform")
    monkeypatch.setattr(module, "hidden_forward", lambda network: ("forward of", network))
    monkeypatch.setattr(module, "replace", lambda model, device: (model, device))
    monkeypatch.setattr(module, "load_network", lambda model, *, attention: (model, attention))
    monkeypatch.setattr(
        module, "image_tower", lambda *given, **more: made.update(given=given, **more)
    )
    model = SimpleNamespace(folder=Path("f"), seed=seed)
    hidden_tower(
        model, "shown", "hardware", prefix="vision.", part=lambda network: ["part", network]
    )
    open_net, *rest = made["given"]
    assert rest == ["f", "shown", "hardware"]
    assert made["prefix"] == "vision."
    net = open_net("device")
    network = ["part", ((model, "device"), False)]
    assert net.network == network
    assert net.forward == ("forward of", network)
    assert (net.transform, net.channels_last) == ("a transform", False)
    assert net.untrained == (seed is not None)
