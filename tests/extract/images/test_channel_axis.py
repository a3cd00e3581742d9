import pytest
import timm
import torch

from stages.core.run.errors import ConcordError
from stages.extract.images.channel_axis import channel_axes
from stages.extract.images.image_forward import timm_forward


class Gives(torch.nn.Module):
    """Gives an output of a shape of its own; of another image, if it takes one, of another."""

    def __init__(self, shape, larger=None, **declared):
        super().__init__()
        self.shape, self.larger = shape, larger
        for name, value in declared.items():
            setattr(self, name, value)

    def forward(self, pixels, take):
        grown = pixels.shape[-1] > 32
        if grown and self.larger is None:
            raise ValueError("images of one size only")
        take("block", torch.zeros(1, *(self.larger if grown else self.shape)))


PIXELS = torch.zeros(1, 3, 32, 32)


@pytest.mark.parametrize(
    ("shape", "larger", "declared", "axis"),
    [
        ((8, 4, 4), (8, 8, 8), {}, 1),
        ((4, 4, 8), (8, 8, 8), {}, 3),
        ((4, 4, 4), (4, 8, 8), {}, 1),
        ((4, 4, 4), (8, 8, 4), {}, 3),
        ((17, 8), (65, 8), {}, 2),
        ((8, 16), (8, 64), {}, 1),
        ((8, 4, 4), None, {}, 1),
        ((4, 4, 8), None, {}, 3),
        ((16, 49, 6), None, {"num_features": 6}, 3),
        ((8, 16), None, {"embed_dim": (8, 32)}, 1),
        ((16, 8), None, {}, 2),
        ((8,), None, {}, 1),
        # One place too high for a square image is not in proportion to it.
        ((5, 4, 8), None, {"num_features": 5}, 1),
        # Of a larger image it gives fewer axes: the shape alone tells.
        ((4, 4, 8), (128,), {}, 3),
    ],
)
def test_the_axis(shape, larger, declared, axis):
    network = Gives(shape, larger, **declared)
    assert channel_axes(network, network.forward, PIXELS) == {"block": axis}


def test_height_and_width_of_an_image_that_is_not_square():
    network = Gives((8, 4, 10))
    assert channel_axes(network, network.forward, torch.zeros(1, 3, 64, 32)) == {"block": 3}


def test_the_other_image_is_twice_as_high_and_wide():
    seen = []

    def forward(pixels, take):
        seen.append(tuple(pixels.shape))
        take("block", torch.zeros(1, 8, *(side // 8 for side in pixels.shape[2:])))

    assert channel_axes(None, forward, PIXELS) == {"block": 1}
    assert seen == [(1, 3, 32, 32), (1, 3, 64, 64)]


def test_what_cannot_be_told_is_refused():
    network = Gives((4, 4, 4))
    with pytest.raises(ConcordError, match=r"block of Gives: got .* 1 × 4 × 4 × 4.*flattened"):
        channel_axes(network, network.forward, PIXELS)
    assert channel_axes(network, network.forward, PIXELS, channels_last=True) == {"block": 3}


def test_a_network_with_its_channels_last_in_some_blocks():
    network = timm.create_model("tiny_vit_5m_224", pretrained=False).eval()
    axes = channel_axes(network, timm_forward(network), torch.zeros(1, 3, 224, 224))
    assert (axes["stages.0.blocks.0"], axes["stages.3.blocks.1"]) == (1, 3)
