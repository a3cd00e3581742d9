"""What an image network is shown in training and in evaluation."""

from types import SimpleNamespace

import numpy as np
import pytest
import torch
from PIL import Image

from stages.train.scene.pixel_views import plain_batch, plain_view, training_view, varied_batch

SCALE = {"mean": (0.5, 0.5, 0.5), "std": (0.25, 0.25, 0.25)}


@pytest.fixture(scope="module")
def images():
    """Images whose left half is dark, and lighter from one to the next."""
    pixels = np.zeros((6, 16, 16, 3), dtype=np.uint8)
    pixels[:, :, 8:] = np.arange(100, 220, 20)[:, None, None, None]
    return SimpleNamespace(read=lambda row: Image.fromarray(pixels[row]))


def view(**augment):
    common = {"scale": [1.0, 1.0], "flip": 0.0, "colour": 0.0, "policy": "", "erase": 0.0}
    settings = SimpleNamespace(
        augment=SimpleNamespace(
            **common | {"interpolation": "bilinear", "erase_mode": "const"} | augment
        ),
        size=16,
    )
    return training_view(settings, SCALE)


def test_images_are_scaled_and_cut_alike_whoever_shows_them(images):
    data = {"input_size": (3, 16, 16), "interpolation": "bilinear", "crop_pct": 1.0, **SCALE}
    found = plain_batch(images, np.array([4, 1]), plain_view(data))
    assert found.shape == (2, 3, 16, 16)
    for at, row in enumerate((4, 1)):
        light = ((100 + 20 * row) / 255 - 0.5) / 0.25
        np.testing.assert_allclose(found[at, :, :, 8:], light, atol=1e-5)
        np.testing.assert_allclose(found[at, :, :, :8], -2)


def test_a_variation_is_of_the_seed_the_epoch_and_the_image_alone(images):
    varied = view(flip=0.5, erase=0.5)
    both = varied_batch(images, np.array([5, 2]), varied, 3, 1)
    alone = varied_batch(images, np.array([2]), varied, 3, 1)
    torch.testing.assert_close(both[1], alone[0], rtol=0, atol=0)
    shown = [varied_batch(images, np.arange(6), varied, 3, epoch) for epoch in range(4)]
    flipped = [bool((one[..., 0] > one[..., -1]).any()) for part in shown for one in part]
    assert 0 < sum(flipped) < 24


def test_without_augmentation_images_are_as_they_are(images):
    found = varied_batch(images, np.array([0]), view(), 1)
    assert (found[0, :, :, :4] == -2).all()
    assert (found[0, :, :, 12:] > -2).all()
    turned = varied_batch(images, np.array([0]), view(flip=1.0), 1)
    torch.testing.assert_close(turned, found.flip(-1))
