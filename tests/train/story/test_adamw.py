import math

import pytest
import torch

from stages.core.params.read import read_params
from stages.train.story.adamw import learning_rate, make_adamw
from tests.conftest import PROJECT

SETTINGS = read_params(PROJECT / "params.yaml").train.story.model_copy(
    update={"lr": 0.02, "warmup": 0.1, "steps": 100, "floor": 0.25, "betas": [0.8, 0.95],
            "eps": 1e-7, "weight_decay": 0.3},
)  # fmt: skip


def test_only_matrices_decay():
    parts = torch.nn.Embedding(3, 4), torch.nn.LayerNorm(4), torch.nn.Linear(4, 2)
    network = torch.nn.Sequential(*parts)
    network[2].bias.requires_grad_(False)
    decayed, others = make_adamw(network, SETTINGS).param_groups
    assert [one.shape for one in decayed["params"]] == [(3, 4), (2, 4)]
    assert [one.shape for one in others["params"]] == [(4,), (4,)]
    assert (decayed["weight_decay"], others["weight_decay"]) == (0.3, 0.0)
    for group in (decayed, others):
        assert (group["lr"], group["betas"], group["eps"]) == (0.02, (0.8, 0.95), 1e-7)


@pytest.mark.parametrize(
    ("step", "share"),
    [(1, 0.1), (5, 0.5), (9, 0.9), (10, 1.0), (55, 0.625), (100, 0.25),
     (40, 0.25 + 0.75 * (1 + math.cos(math.pi / 3)) / 2)],
)  # fmt: skip
def test_the_rate_rises_and_falls_to_its_floor(step, share):
    assert learning_rate(step, SETTINGS) == pytest.approx(0.02 * share)


def test_without_a_rise_or_a_fall_the_rate_is_whole():
    at_once = SETTINGS.model_copy(update={"warmup": 0.0})
    assert learning_rate(1, at_once) == pytest.approx(0.02, rel=1e-3)
    rising = SETTINGS.model_copy(update={"warmup": 1.0})
    assert learning_rate(100, rising) == pytest.approx(0.02)
    assert learning_rate(50, rising) == pytest.approx(0.01)
