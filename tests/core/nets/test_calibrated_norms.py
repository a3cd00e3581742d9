"""Statistics of batch normalisation: those of the images, and nothing else of a network."""

import pytest
import timm
import torch
from torch import nn
from torch.optim.swa_utils import update_bn

from stages.core.nets.calibrated_norms import calibrate
from stages.core.run.errors import InputError


def batches(n=3, seed=0):
    generator = torch.Generator().manual_seed(seed)
    return [3 + 2 * torch.randn(8, 3, 32, 32, generator=generator) for _ in range(n)]


def small(dropout=0.0):
    torch.manual_seed(0)
    layers = (nn.Conv2d(3, 4, 3), nn.BatchNorm2d(4), nn.Dropout(dropout), nn.Conv2d(4, 5, 3))
    return nn.Sequential(*layers, nn.BatchNorm2d(5))


def test_statistics_are_those_of_what_each_norm_takes():
    network, shown = small(), batches()
    calibrate(network, shown)
    taken = [network[0](batch) for batch in shown]
    mean = torch.stack([one.mean((0, 2, 3)) for one in taken]).mean(0)
    spread = torch.stack([one.transpose(0, 1).flatten(1).var(1) for one in taken]).mean(0)
    torch.testing.assert_close(network[1].running_mean, mean)
    torch.testing.assert_close(network[1].running_var, spread)


def test_they_are_those_of_torch_where_nothing_is_dropped():
    ours, theirs = (timm.create_model("test_efficientnet", num_classes=3) for _ in range(2))
    theirs.load_state_dict(ours.state_dict())
    calibrate(ours, batches())
    update_bn(batches(), theirs.train())
    for name, value in theirs.state_dict().items():
        torch.testing.assert_close(ours.state_dict()[name], value)


def test_only_statistics_move_and_nothing_is_dropped():
    network, dropping = small(), small(dropout=0.9)
    before = {name: value.clone() for name, value in network.named_parameters()}
    momenta = [network[1].momentum, network[4].momentum]
    for one in (network, dropping):
        calibrate(one, batches())
    assert all(torch.equal(before[name], value) for name, value in network.named_parameters())
    torch.testing.assert_close(dropping[4].running_var, network[4].running_var)
    assert [network[1].momentum, network[4].momentum] == momenta
    assert not any(module.training for module in network.modules())


def test_what_was_there_before_does_not_count():
    fresh, used = small(), small()
    used.train()(100 * batches(1, seed=1)[0])
    for one in (fresh, used):
        calibrate(one, batches())
    torch.testing.assert_close(fresh.state_dict(), used.state_dict())


def test_a_network_without_statistics_stays_as_it_is():
    network = nn.Sequential(nn.Conv2d(3, 4, 3), nn.BatchNorm2d(4, track_running_stats=False))
    calibrate(network, [])
    assert not network.training


def test_no_batch_and_no_number_are_refused():
    with pytest.raises(InputError, match="nothing to calibrate on in the statistics"):
        calibrate(small(), [])
    with pytest.raises(InputError, match="no number in the statistics of batch normalisation"):
        calibrate(small(), [torch.full((4, 3, 32, 32), float("nan"))])


def test_channels_that_are_last_in_memory_are_added_up_as_exactly():
    """A channel of a batch has 131,000 values, too many to be added up in single precision."""
    network = nn.Sequential(nn.BatchNorm2d(4)).to(memory_format=torch.channels_last)
    generator = torch.Generator().manual_seed(2)
    shown = 5 + 3 * torch.randn(32, 4, 64, 64, generator=generator)
    calibrate(network, [shown.to(memory_format=torch.channels_last)])
    exact = shown.double().transpose(0, 1).flatten(1)
    torch.testing.assert_close(network[0].running_var.double(), exact.var(1), rtol=1e-6, atol=0)
    torch.testing.assert_close(network[0].running_mean.double(), exact.mean(1), rtol=1e-6, atol=0)
