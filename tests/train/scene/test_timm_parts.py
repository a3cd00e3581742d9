import math

import pytest
import timm
import torch
from timm.scheduler import StepLRScheduler

from stages.core.run.errors import InputError
from stages.train.scene.timm_parts import (
    RateSchedule,
    make_average,
    make_classifier,
    make_optimiser,
)


@pytest.fixture
def toy():
    """A net of a weight matrix, a bias and statistics."""
    with torch.random.fork_rng():
        torch.manual_seed(0)
        return torch.nn.Sequential(torch.nn.Linear(4, 3), torch.nn.BatchNorm1d(3))


PUBLISHED = {"schedule__warmup_epochs": 5, "epochs": 450, "optimiser__lr": 0.016}


def test_the_rates_are_those_of_the_published_recipe(toy, seeing):
    """Epoch 0 is trained at 1e-6; the decay counts from epoch 0, the warm-up included."""
    settings = seeing(**PUBLISHED)
    schedule = RateSchedule(make_optimiser(toy, settings), settings, per_epoch=3)
    peer = torch.optim.SGD(toy.parameters(), lr=0.016)
    timms = StepLRScheduler(peer, 2.4, 0.969, 5, 1e-6, warmup_prefix=False)
    for epoch in range(450):
        rise = 1e-6 + epoch * (0.016 - 1e-6) / 5
        expected = rise if epoch < 5 else 0.016 * 0.969 ** math.floor(epoch / 2.4)
        timms.step(epoch)
        for update in range(3):
            rate = schedule.set_rate(3 * epoch + update + 1)
            assert rate == pytest.approx(expected, abs=1e-12)
            assert rate == pytest.approx(peer.param_groups[0]["lr"], abs=1e-12)
    assert schedule.set_rate(1) == pytest.approx(1e-6, abs=1e-15)  # whatever was set before


def test_a_rate_may_move_with_every_update(toy, seeing):
    settings = seeing(schedule__per="update", schedule__name="cosine", schedule__warmup_epochs=1)
    schedule = RateSchedule(make_optimiser(toy, settings), settings, per_epoch=4)
    rates = [schedule.set_rate(step) for step in range(1, 13)]
    lr = settings.optimiser.lr
    assert rates[:4] == pytest.approx([1e-6 + k * (lr - 1e-6) / 4 for k in range(4)], abs=1e-12)
    falls = [lr * (1 + math.cos(math.pi * t / 12)) / 2 for t in range(4, 12)]
    assert rates[4:] == pytest.approx(falls, abs=1e-12)


def test_two_steps_of_rmsprop_are_those_of_tensorflow(toy, seeing):
    """Squares start at 1, epsilon lies within the root, the rate within the momentum."""
    settings = seeing(
        optimiser__alpha=0.8, optimiser__momentum=0.7, optimiser__weight_decay=1e-2
    )  # fmt: skip
    optimiser = make_optimiser(toy, settings)
    values = {name: w.detach().clone() for name, w in toy.named_parameters()}
    squares = {name: torch.ones_like(w) for name, w in values.items()}
    pace = {name: torch.zeros_like(w) for name, w in values.items()}
    for k in range(2):
        optimiser.zero_grad()
        (toy(torch.arange(12.0).reshape(3, 4).cos() + k) ** 3).sum().backward()
        for name, w in toy.named_parameters():
            gradient = w.grad + (1e-2 * values[name] if w.ndim > 1 else 0)
            squares[name] += 0.2 * (gradient**2 - squares[name])
            pace[name] = 0.7 * pace[name] + 0.016 * gradient / (squares[name] + 0.001).sqrt()
            values[name] = values[name] - pace[name]
        optimiser.step()
        for name, w in toy.named_parameters():
            torch.testing.assert_close(w.detach(), values[name], rtol=0, atol=1e-6)


def test_the_rate_may_scale_with_the_batch(toy, seeing):
    plain = make_optimiser(toy, seeing(optimiser__lr=0.1, batch=64))
    scaled = make_optimiser(toy, seeing(optimiser__lr=0.1, batch=64, optimiser__lr_batch=256))
    assert plain.param_groups[0]["lr"] == 0.1
    assert scaled.param_groups[0]["lr"] == pytest.approx(0.025)


def test_the_average_of_three_updates_is_the_naive_one(toy, seeing):
    average = make_average(toy, seeing(ema={"decay": 0.9, "warmup": False}))
    expected = None
    for step in (1, 2, 3):
        toy(torch.arange(12.0).reshape(3, 4).sin() * step)  # moves the statistics
        with torch.no_grad():
            for weight in toy.parameters():
                weight.add_(step)
        now = {k: v.double().clone() for k, v in toy.state_dict().items()}
        expected = now if step == 1 else {k: 0.9 * expected[k] + 0.1 * now[k] for k in now}
        average.update(toy, step=step)
    for name, value in average.module.state_dict().items():
        if value.is_floating_point():
            torch.testing.assert_close(value.double(), expected[name], rtol=0, atol=1e-6)
    assert make_average(toy, seeing(ema={"decay": 0.0, "warmup": False})) is None


def test_unknown_and_unfit_models_are_refused(seeing):
    with pytest.raises(InputError, match=r"no such model in timm.*mixnet_q.*Did you mean 'mixnet"):
        make_classifier(seeing(model="mixnet_q"), 3)
    with pytest.raises(InputError, match="unfit model"):
        make_classifier(seeing(model="vgg11", drop_path=0.5), 3)


def test_a_network_of_fixed_size_is_made_for_the_size_asked_for(seeing):
    network = make_classifier(seeing(model="test_vit", size=64), 3)
    assert network(torch.zeros(1, 3, 64, 64)).shape == (1, 3)
    assert timm.get_pretrained_cfg("test_vit").fixed_input_size
