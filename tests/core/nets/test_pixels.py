import numpy as np
import pytest
import torch
from PIL import Image

from stages.core.nets.embedded import embedded_weights
from stages.core.nets.pixels import (
    EMBEDDED_SCALE,
    embedded_network,
    image_tensor,
    image_transform,
    load_state,
)
from stages.core.run.errors import InputError

NAME = "tf_efficientnet_lite0"


@pytest.fixture(scope="module")
def weights():
    found = embedded_weights("timm", NAME)
    if found is None:
        pytest.skip("the package with the weights is not installed")
    return found


@pytest.fixture
def image(rng):
    """Smooth, so that ways of resizing differ little."""
    small = rng.integers(0, 256, (6, 6, 3), dtype=np.uint8)
    return np.asarray(Image.fromarray(small).resize((200, 200)))


@pytest.fixture
def linear():
    return torch.nn.Sequential(torch.nn.Linear(2, 3))


def test_tensors_are_matched_by_their_order(linear, tmp_path):
    given = {"some.weight": torch.ones(3, 2), "any.bias": torch.arange(3.0)}
    torch.save(given, tmp_path / "weights.pth")
    load_state(linear, tmp_path / "weights.pth")
    assert torch.equal(linear[0].weight, given["some.weight"])
    assert torch.equal(linear[0].bias, given["any.bias"])


@pytest.mark.parametrize(
    "given",
    [
        {"a": torch.ones(3, 2)},
        {"a": torch.ones(3), "b": torch.ones(3, 2)},
        {"a": torch.ones(3, 2), "b": torch.ones(3), "c": torch.ones(1)},
    ],
)
def test_tensors_of_another_network(linear, tmp_path, given):
    torch.save(given, tmp_path / "weights.pth")
    with pytest.raises(InputError, match="wrong weights in .*expected 2 tensors"):
        load_state(linear, tmp_path / "weights.pth")


def test_the_packaged_network_carries_its_weights(weights):
    network = embedded_network(NAME, weights)
    given = torch.load(weights, map_location="cpu", weights_only=True)
    assert not network.training
    for ours, theirs in zip(network.state_dict().values(), given.values(), strict=True):
        assert torch.equal(ours, theirs)


def test_pixels_are_scaled_as_the_weights_expect(weights, image):
    """Resized, cropped at the centre and scaled as (x - 127) / 128, with PIL and NumPy alone."""
    transform = image_transform(embedded_network(NAME, weights), EMBEDDED_SCALE)
    resized = Image.fromarray(image).resize((256, 256), Image.Resampling.BICUBIC)
    pixels = np.asarray(resized, dtype=float)[16:240, 16:240].transpose(2, 0, 1)
    found = image_tensor(transform, image).numpy()
    np.testing.assert_allclose(found, (pixels - 127) / 128, atol=1e-5)
    other = image_tensor(image_transform(embedded_network(NAME, weights)), image).numpy()
    assert not np.allclose(other, found, atol=1e-3)
