"""The tower that is shown images, by a network of one layer."""

from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest
import torch

from stages.core.nets.hardware import Hardware
from stages.extract.images import image_tower as module
from stages.extract.images.image_tower import LoadedNet, calibration_rows, image_tower
from stages.extract.towers import Stimuli

N = 40


@pytest.mark.parametrize(
    ("n_images", "size"),
    [(1, 1), (5, 5), (32, 32), (33, 32), (63, 32), (64, 64), (127, 96), (128, 128), (1000, 128)],
)
def test_statistics_are_of_whole_batches_evenly_over_the_images(n_images, size):
    found = calibration_rows(n_images)
    step = (n_images - 1) / max(size - 1, 1)
    np.testing.assert_allclose(found, [at * step for at in range(size)], atol=0.5 + 1e-9)
    assert found.dtype == np.intp
    assert len(set(found.tolist())) == size


@pytest.fixture
def shown():
    """Images of one colour, its number; what is done to the network is told in `done`."""
    images = (
        np.zeros((N, 2, 2, 3), dtype=np.uint8) + np.arange(N, dtype=np.uint8)[:, None, None, None]
    )
    table = pd.DataFrame({"id": [f"i{at}" for at in range(N)]})

    def of(**settings):
        common = {"untrained": "normalised", "vision": "flattened", "units": 10**6, "seed": 0}
        return Stimuli(table, images, SimpleNamespace(**common | settings))

    return of


@pytest.fixture
def done(monkeypatch):
    told = {}

    def calibrate(network, batches):
        told["calibrated"] = [[int(one[0, 0, 0]) for one in batch] for batch in batches]

    def axes(network, forward, first, *, channels_last):
        told["axes"] = (tuple(first.shape), int(first[0, 0, 0, 0]), channels_last)
        return {"only": 1}

    monkeypatch.setattr(module, "calibrate", calibrate)
    monkeypatch.setattr(module, "open_branches", lambda network: told.setdefault("opened", True))
    monkeypatch.setattr(module, "channel_axes", axes)
    monkeypatch.setattr(module, "keep_freed_memory", lambda: told.setdefault("kept", True))
    return told


def tower(shown, *, untrained=False, channels_last=False, devices=("cpu",)):
    def open_net(device):
        network = torch.nn.Linear(3, 2)
        transform = lambda image: torch.from_numpy(image).permute(2, 0, 1).float()  # noqa: E731
        forward = lambda pixels, take: take("only", pixels)  # noqa: E731
        return LoadedNet(network, forward, transform, channels_last, untrained)

    hardware = Hardware([torch.device(name) for name in devices], 100, 8)
    return image_tower(open_net, "a model", shown, hardware, prefix="p.")


def test_images_are_shown_in_order_and_kept_whole_or_pooled(shown, done):
    found = tower(shown())
    assert (found.prefix, found.shard) == ("p.", 64)
    assert found.order.tolist() == list(range(N))
    (replica,) = found.replicas()
    assert replica.parameters == 2 * 3 + 2
    layers = replica.run(np.array([3, 0, 7, *range(20)]))
    assert layers.arrays["only"].shape == (23, 12)
    assert layers.arrays["only"][:4, 0].tolist() == [3, 0, 7, 0]
    assert layers.widths == {"only": 12}
    assert done == {"kept": True}
    (replica,) = tower(shown(vision="pooled"), channels_last=True).replicas()
    pooled = replica.run(np.array([5, 2]))
    assert pooled.arrays["only"].tolist() == [[5] * 3, [2] * 3]
    assert done["axes"] == ((1, 3, 2, 2), 0, True)


def test_untrained_networks_alone_are_normalised(shown, done):
    tower(shown(), untrained=True).replicas()
    assert done["calibrated"] == [calibration_rows(N).tolist()]
    assert done["opened"]
    for settings, untrained in (({"untrained": "drawn"}, True), ({}, False)):
        done.clear()
        tower(shown(**settings), untrained=untrained).replicas()
        assert done == {"kept": True}


def test_there_is_a_network_for_each_device(shown, done):
    """Freed memory is kept where any of them is the processor."""
    assert len(tower(shown(), devices=("cpu", "cpu")).replicas()) == 2
    done.clear()
    tower(shown(), devices=("meta",)).replicas()
    assert not done
    done.clear()
    tower(shown(), devices=("meta", "cpu")).replicas()
    assert done == {"kept": True}
