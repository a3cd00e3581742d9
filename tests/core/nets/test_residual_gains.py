"""Branches that start closed are opened, and nothing else is touched."""

import pytest
import timm
import torch

from stages.core.nets.residual_gains import open_branches


def drawn(name):
    torch.manual_seed(0)
    return timm.create_model(name).eval()


def changes(network, pixels):
    """How much each block changes what it is given, relative to it, where both are of one shape."""
    found = []

    def keep(module, given, output):
        if given[0].shape == output.shape:
            found.append(float((output - given[0]).norm() / given[0].norm()))

    for _, module in network.named_modules():
        if type(module).__name__ in ("BasicBlock", "Bottleneck", "ConvNeXtBlock", "Block"):
            module.register_forward_hook(keep)
    with torch.no_grad():
        network(pixels)
    return found


@pytest.mark.parametrize(
    ("name", "gain", "count"),
    [("test_resnet", "weight", 4), ("test_convnext", "gamma", 9), ("test_vit2", "gamma", 16)],
)
def test_blocks_that_hand_on_what_they_were_given_do_so_no_more(name, gain, count):
    network, pixels = drawn(name), torch.randn(4, 3, 160, 160)
    before = changes(network, pixels)
    opened = open_branches(network)
    assert len(opened) == count
    assert all(one.endswith(gain) for one in opened)
    assert max(before) < 1e-4
    assert min(changes(drawn_open(name), pixels)) > 5e-3
    assert open_branches(network) == []


def drawn_open(name):
    network = drawn(name)
    open_branches(network)
    return network


def test_weights_that_were_drawn_stay():
    network, as_drawn = drawn_open("test_resnet"), drawn("test_resnet").state_dict()
    opened = set(open_branches(drawn("test_resnet")))
    for key, value in network.state_dict().items():
        expected = torch.ones_like(value) if key in opened else as_drawn[key]
        torch.testing.assert_close(value, expected, rtol=0, atol=0)


@pytest.mark.parametrize("name", ["test_efficientnet", "test_vit"])
def test_a_network_whose_branches_are_open_stays_as_it_is(name):
    assert open_branches(drawn(name)) == []


def test_biases_and_tables_of_zeros_are_no_gains():
    network = torch.nn.Module()
    network.bias = torch.nn.Parameter(torch.zeros(3))
    network.q_bias = torch.nn.Parameter(torch.zeros(3))
    network.positions = torch.nn.Parameter(torch.zeros(1, 4, 3))
    network.cls_token = torch.nn.Parameter(torch.zeros(1, 1, 3))
    network.skipinit_gain = torch.nn.Parameter(torch.tensor(0.0))
    assert open_branches(network) == ["skipinit_gain"]


def test_gains_that_are_shaped_to_meet_maps_are_opened_too():
    """As those of FastViT, (n, 1, 1), and of the convolutions of NF-RegNet, (n, 1, 1, 1)."""
    network = torch.nn.Module()
    network.gamma = torch.nn.Parameter(torch.full((4, 1, 1), 1e-5))
    network.gain = torch.nn.Parameter(torch.zeros(4, 1, 1, 1))
    network.weight = torch.nn.Parameter(torch.zeros(4, 1, 3, 3))
    assert open_branches(network) == ["gamma", "gain"]
    assert (network.gamma == 1).all()


def test_the_last_convolutions_of_a_network_without_norms_are_opened():
    opened = open_branches(drawn("test_nfnet"))
    assert opened == [f"stages.{stage}.0.conv3.gain" for stage in range(4)]
