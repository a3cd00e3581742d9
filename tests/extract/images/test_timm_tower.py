"""The tower of a network of timm: where its channels are, and where it was found."""

from types import SimpleNamespace

import pytest
import torch

from stages.extract.images import timm_tower as module
from stages.extract.images.timm_tower import open_timm, timm_tower


@pytest.fixture
def given(monkeypatch):
    """What the tower is made of, in place of a tower."""
    monkeypatch.setattr(module, "image_transform", lambda network, scale: (network, scale))
    monkeypatch.setattr(module, "timm_forward", lambda network: ("forward of", network))
    monkeypatch.setattr(module, "image_tower", lambda *given, **more: (*given, more))


def found(output=None, seed=None):
    network = torch.nn.Identity()
    if output is not None:
        network.output_fmt = output
    return SimpleNamespace(load=lambda: network, scale=2.0, seed=seed, revision="r1")


@pytest.mark.parametrize(("output", "last"), [("NHWC", True), ("NCHW", False), (None, False)])
@pytest.mark.parametrize("seed", [None, 0])
def test_a_network_says_where_its_channels_are(given, output, last, seed):
    model = found(output, seed)
    open_net, *rest = timm_tower(model, "timm:x", "shown", "hardware")
    assert rest == ["timm:x", "shown", "hardware", {"prefix": ""}]
    net = open_net(torch.device("cpu"))
    assert (net.channels_last, net.untrained) == (last, seed == 0)
    assert net.network is model.load()
    assert net.forward == ("forward of", model.load())
    assert net.transform.args == ((model.load(), 2.0),)


@pytest.mark.parametrize("source", [None, "a folder"])
def test_it_is_found_by_name_or_in_what_was_written(given, monkeypatch, source):
    monkeypatch.setattr(module, "find_timm", lambda spec: found(seed=3))
    monkeypatch.setattr(module, "timm_in", lambda source, seed: found(seed=(source, seed)))
    made = []
    monkeypatch.setattr(module, "timm_tower", lambda model, *rest: made.append((model.seed, *rest)))
    spec = SimpleNamespace(string="timm:x+untrained:3", seed=3)
    shown = SimpleNamespace(settings=SimpleNamespace(vision="pooled"))
    opened = open_timm(spec, source, shown, "hardware")
    seed = 3 if source is None else (source, 3)
    assert made == [(seed, "timm:x+untrained:3", shown, "hardware")]
    assert (opened.revision, opened.modality, opened.pooling) == ("r1", "vision", "pooled")
    assert (opened.presentation, opened.dtype, opened.tokenizer) == ("image", "float32", "")
