"""What networks return is held against what was asked for, whatever the network."""

import inspect
import logging

import numpy as np
import pytest
import torch
from transformers import ViTImageProcessor, ViTMAEConfig, ViTMAEModel

from stages.core.activations.activations import read_failure
from stages.core.names.models import parse_model
from stages.core.params.schema import ExtractStory
from stages.core.run.errors import ConcordError
from stages.extract.extraction import extract_scene, extract_story
from stages.extract.returned import (
    check_alone,
    check_layers,
    check_varies,
    same_for_all,
    warn_of_copies,
)
from stages.extract.towers import Layers
from stages.extract.words import text_tower
from tests.tiny_models import PIXELS


def made(values, name="layer_00"):
    return Layers({name: values}, {name: values.shape[-1]})


@pytest.fixture
def values(rng):
    return rng.standard_normal((5, 8)).astype(np.float32)


def test_what_was_asked_for_passes(values):
    check_layers(made(values), 5, "net")


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda v: v[:4], r"wrong shape in layer_00 of net: expected \(5, any\).*got \(4, 8\)"),
        (lambda v: np.repeat(v, 49, axis=0), r"wrong shape .*got \(245, 8\)"),
        (lambda v: v[:, :0], r"wrong shape .*got \(5, 0\)"),
        (lambda v: v[:, :, None], r"wrong shape .*got \(5, 8, 1\)"),
        (lambda v: v * np.float32(1e38) * np.float32(1e3), "not finite in layer_00 of net"),
    ],
)
def test_what_was_not_is_refused(values, change, message):
    with np.errstate(over="ignore"), pytest.raises(ConcordError, match=message):
        check_layers(made(change(values)), 5, "net")


def test_no_layer():
    with pytest.raises(ConcordError, match="model without a layer in net"):
        check_layers(Layers({}, {}), 5, "net")


def test_the_same_alone(values):
    """Up to what another size of batch does to the last digits."""
    rows = np.arange(5)
    check_alone(lambda some: made(values[some] + 1e-5), rows, made(values), "float32", "net")
    with pytest.raises(ConcordError, match=r"another result .* in layer_00 of net: expected at"):
        check_alone(lambda some: made(values[some] * 1.2), rows, made(values), "float32", "net")
    check_alone(lambda some: made(values[some] * 1.2), rows, made(values), "bfloat16", "net")
    with pytest.raises(ConcordError, match="expected 8 units, got no such layer"):
        check_alone(lambda some: made(values[some], "b"), rows, made(values), "float32", "net")
    with pytest.raises(ConcordError, match="expected 8 units, got 7 units"):
        check_alone(lambda some: made(values[some, :7]), rows, made(values), "float32", "net")
    zeros = made(np.zeros((5, 8), np.float32))
    check_alone(lambda some: made(np.zeros((1, 8), np.float32)), rows, zeros, "float32", "net")


def test_a_layer_that_is_the_same_for_all(values):
    assert not same_for_all(values)
    assert not same_for_all(values[:1])
    assert same_for_all(np.broadcast_to(values[0], values.shape))


def test_a_network_that_tells_nothing_apart_is_refused(caplog):
    check_varies({}, "net")
    check_varies({"layer_00": False, "layer_01": False}, "net")
    assert not caplog.text
    check_varies({"layer_00": True, "layer_01": False}, "net")
    assert "net: the same for every stimulus: layer_00" in caplog.text
    with pytest.raises(ConcordError, match="every layer the same for every stimulus in net"):
        check_varies({"layer_00": True, "layer_01": True}, "net")


def test_layers_that_do_nothing_are_told_of(caplog):
    with caplog.at_level(logging.WARNING, "concord.extract"):
        warn_of_copies({"a": "1", "b": "2", "attention_01": "3", "attention_02": "3"}, "net")
        assert not caplog.text
        warn_of_copies({"a": "1", "b": "1", "c": "1"}, "net")
    assert "net: 2 of 3 layers are the layer before them, unchanged (such as b)" in caplog.text


def spec_of(folder):
    return parse_model("tiny", {"tiny": f"file:{folder}"})


def test_a_network_that_hides_parts_of_an_image_at_random(scenery, scene_settings, tmp_path):
    size = {"hidden_size": 16, "num_hidden_layers": 1, "num_attention_heads": 2}
    with torch.random.fork_rng():
        torch.manual_seed(0)
        config = ViTMAEConfig(**size, intermediate_size=32, image_size=PIXELS, patch_size=8)
        ViTMAEModel(config).save_pretrained(tmp_path / "mae")
    pixels = {"height": PIXELS, "width": PIXELS}
    ViTImageProcessor(size=pixels).save_pretrained(tmp_path / "mae")
    told = extract_scene(scenery(3), spec_of(tmp_path / "mae"), scene_settings, tmp_path / "out")
    assert told is not None
    assert "another result for the same stimulus by itself" in told
    assert read_failure(tmp_path / "out") == told
    assert not list((tmp_path / "out").glob("*.safetensors"))


@pytest.mark.parametrize("fault", ["dropout", "rows", "padding", "nothing"])
def test_a_network_of_words_that_cannot_be_relied_on(tiny, story, tmp_path, monkeypatch, fault):
    """One and the same check, wherever in a network it goes wrong."""
    load, drawn = text_tower.load_network, torch.Generator().manual_seed(0)

    def broken(model, attention):
        network = load(model, attention)
        plain = network.forward

        def forward(*args, **given):
            output = plain(*args, **given)
            states = list(output.hidden_states)
            if fault == "dropout":
                states[1] = states[1] * (torch.rand(states[1].shape, generator=drawn) > 0.1)
            if fault == "rows":
                states[1] = states[1].repeat_interleave(2, 0)
            if fault == "padding":
                states[2] = states[2] + states[2].mean((0, 1))
            output.hidden_states = tuple(states)
            return output

        forward.__signature__ = inspect.signature(plain)
        network.forward = forward
        return network

    monkeypatch.setattr(text_tower, "load_network", broken)
    settings = ExtractStory(presentation="context", context=5, pooling="mean", attention=False)
    told = extract_story(story(40), spec_of(tiny("bert")), settings, tmp_path / "out")
    expected = {
        "dropout": "another result for the same stimulus",
        "rows": "layers that are not one vector per token",
        "padding": "another result for the same stimulus",
    }
    assert (told is None) == (fault == "nothing")
    assert expected.get(fault, "") in (told or "")


def test_layers_of_one_value_are_recorded_as_a_failure(tiny, story, tmp_path, monkeypatch):
    load = text_tower.load_network

    def dead(model, attention):
        network = load(model, attention)
        with torch.no_grad():
            for block in network.h:
                block.ln_1.weight.zero_()
            network.wte.weight.zero_()
            network.wpe.weight.zero_()
        return network

    monkeypatch.setattr(text_tower, "load_network", dead)
    settings = ExtractStory(presentation="context", context=5, pooling="last", attention=False)
    told = extract_story(story(8), spec_of(tiny("gpt2")), settings, tmp_path / "out")
    assert "every layer the same for every stimulus in " in str(told)


def test_a_block_that_does_nothing_is_told_of(tiny, story, tmp_path, monkeypatch, caplog):
    load = text_tower.load_network

    def idle(model, attention):
        network = load(model, attention)
        with torch.no_grad():
            for part in (network.h[0].attn.c_proj, network.h[0].mlp.c_proj):
                part.weight.zero_()
                part.bias.zero_()
        return network

    monkeypatch.setattr(text_tower, "load_network", idle)
    settings = ExtractStory(presentation="context", context=5, pooling="last", attention=False)
    assert extract_story(story(8), spec_of(tiny("gpt2")), settings, tmp_path / "out") is None
    assert "1 of 3 layers are the layer before them, unchanged (such as layer_01)" in caplog.text


def test_stimuli_are_not_asked_for_twice_in_vain(values):
    """One stimulus more per part of the work, the last."""
    asked = []

    def run(rows):
        asked.append(rows.tolist())
        return made(values[rows])

    check_alone(run, np.array([3, 1, 4]), made(values[[3, 1, 4]]), "float32", "net")
    assert asked == [[4]]
