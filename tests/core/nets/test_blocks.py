import pytest
import timm
import torch
from torch import nn

from stages.core.nets.blocks import block_names
from stages.core.run.errors import InputError

EXPECTED = {
    "test_vit": [f"blocks.{k}" for k in range(6)],
    "tf_efficientnet_lite0": [f"blocks.{k}" for k in range(7)],
    "mixnet_s": [f"blocks.{k}" for k in range(6)],
    "resnet18": [f"layer{stage}.{k}" for stage in range(1, 5) for k in range(2)],
    "test_convnext": ["stages.0.blocks.0", "stages.1.blocks.0", "stages.1.blocks.1"],
    "swin_tiny_patch4_window7_224": ["layers.0.blocks.0", "layers.0.blocks.1"],
    "regnetx_002": ["s1.b1", "s2.b1", "s3.b1"],
    "vgg11": ["features.1", "features.4", "features.9"],
}


@pytest.mark.parametrize("name", EXPECTED)
def test_blocks_by_timm_s_names(name):
    with torch.device("meta"):
        network = timm.create_model(name, pretrained=False)
    names = block_names(network)
    assert names[: len(EXPECTED[name])] == EXPECTED[name]
    assert len(names) == len(set(names))
    for block in names:
        network.get_submodule(block)


def test_a_network_without_known_blocks():
    class Odd(nn.Module):
        def __init__(self):
            super().__init__()
            self.stem, self.trunk = nn.Linear(1, 1), nn.Linear(1, 1)

    with pytest.raises(InputError, match=r"timm's Odd: expected .* got stem, trunk\. Use another"):
        block_names(Odd())
