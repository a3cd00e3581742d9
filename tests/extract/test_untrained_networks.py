"""Untrained twins with batch normalisation: statistics that fit what they are shown."""

import numpy as np
import pytest
import timm
import torch

from stages.core.names.models import parse_model
from stages.core.nets.pixels import image_tensor, image_transform
from stages.core.pictures.images import open_images
from stages.core.recording.recording_files import read_stimuli
from stages.extract.extraction import extract_scene
from stages.extract.images.image_tower import calibration_rows
from tests.extract.test_scene_extraction import found

NETWORK = "test_efficientnet"


@pytest.fixture
def layers(scenery, scene_settings, tmp_path):
    """Extract a network's layers, every unit of them, with the statistics named."""

    def extract(recording, string, norms):
        settings = scene_settings.model_copy(update={"untrained": norms, "whole": 100})
        folder = tmp_path / norms
        spec = parse_model("tiny", {"tiny": string})
        assert extract_scene(recording, spec, settings, folder) is None
        return found(folder, recording)[2]

    return extract


def drawn(seed):
    torch.manual_seed(seed)
    network = timm.create_model(NETWORK, pretrained=False)
    network.reset_classifier(0)
    return network.eval()


def shown(network, recording):
    transform = image_transform(network, None)
    ids = list(read_stimuli(recording / "stimuli.parquet")["id"])
    with open_images(recording / "images.hdf5", ids) as images:
        return torch.stack([image_tensor(transform, image) for image in images])


def outputs(network, pixels):
    kept = {}
    for name, block in network.blocks.named_children():
        block.register_forward_hook(lambda *given, name=name: kept.update({name: given[-1]}))
    with torch.no_grad():
        network.forward_features(pixels)
    return {f"blocks.{name}": value.flatten(1).numpy() for name, value in kept.items()}


def test_layers_are_those_of_a_network_normalised_by_the_images(layers, scenery):
    recording, network = scenery(12), drawn(3)
    pixels = shown(network, recording)
    made = layers(recording, f"timm:{NETWORK}+untrained:3", "normalised")
    for module in network.modules():
        if isinstance(module, torch.nn.BatchNorm2d):
            module.train()
            # Variances of a batch over n - 1, as running ones are.
            module.register_forward_hook(unbiased)
    expected = outputs(network, pixels)
    for name, values in expected.items():
        # While they are made, a norm divides by n, not by n - 1.
        assert np.linalg.norm(made[name] - values) < 0.03 * np.linalg.norm(values)


def unbiased(module, given, output):
    (batch,) = given
    parts = batch.transpose(0, 1).flatten(1)
    centred = batch - parts.mean(1)[:, None, None]
    normal = centred / torch.sqrt(parts.var(1) + module.eps)[:, None, None]
    scaled = normal * module.weight[:, None, None] + module.bias[:, None, None]
    return module.act(module.drop(scaled)) if hasattr(module, "act") else scaled


@pytest.mark.parametrize(("norms", "opened"), [("initial", False), ("normalised", True)])
def test_blocks_of_an_untrained_twin_change_what_they_are_given(layers, scenery, norms, opened):
    """As drawn, its residual branches are closed: the second block of a stage copies the first."""
    made = layers(scenery(3), "timm:test_convnext+untrained:3", norms)
    first, second = (made[f"stages.1.blocks.{k}"] for k in (0, 1))
    assert (np.linalg.norm(second - first) > 0.01 * np.linalg.norm(first)) == opened


def test_the_initial_ones_are_0_and_1(layers, scenery):
    recording, network = scenery(12), drawn(3)
    expected = outputs(network, shown(network, recording))
    calibrated = layers(recording, f"timm:{NETWORK}+untrained:3", "normalised")
    made = layers(recording, f"timm:{NETWORK}+untrained:3", "initial")
    for name, values in expected.items():
        np.testing.assert_allclose(made[name], values, rtol=1e-3, atol=1e-4)
        assert np.linalg.norm(calibrated[name] - values) > 0.3 * np.linalg.norm(values)


def test_a_trained_network_keeps_its_own(layers, scenery, tmp_path):
    network = timm.create_model(NETWORK, pretrained=False)
    for module in network.modules():
        if isinstance(module, torch.nn.BatchNorm2d):
            module.running_mean += 0.3
    timm.models.save_for_hf(network, tmp_path / "net", model_config={"architecture": NETWORK})
    recording = scenery(8)
    both = [
        layers(recording, f"file:{tmp_path / 'net'}", norms) for norms in ("normalised", "initial")
    ]
    for one, other in zip(*(made.values() for made in both), strict=True):
        np.testing.assert_array_equal(one, other)


@pytest.mark.parametrize(("n", "size"), [(5, 5), (32, 32), (45, 32), (128, 128), (1000, 128)])
def test_statistics_are_made_of_whole_batches_from_first_to_last(n, size):
    rows = calibration_rows(n)
    assert len(rows) == size == len(set(rows))
    assert (rows[0], rows[-1]) == (0, n - 1)
