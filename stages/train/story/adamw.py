"""How a language model's weights follow their gradients: AdamW, with a warm-up and a cosine."""

from math import cos, pi
from typing import Any

import torch

from stages.core.params.training import TrainStory


def make_adamw(network: Any, settings: TrainStory) -> torch.optim.AdamW:
    """Make the optimiser (Loshchilov & Hutter 2019); only matrices decay, not biases and norms."""
    weights = [weight for weight in network.parameters() if weight.requires_grad]
    groups = [
        {"params": [w for w in weights if w.ndim > 1], "weight_decay": settings.weight_decay},
        {"params": [w for w in weights if w.ndim <= 1], "weight_decay": 0.0},
    ]
    first, second = settings.betas
    return torch.optim.AdamW(groups, lr=settings.lr, betas=(first, second), eps=settings.eps)


def learning_rate(step: int, settings: TrainStory) -> float:
    """Rate of update number `step`, from 1: a linear rise, then half a cosine down to a floor."""
    rise = settings.warmup * settings.steps
    if step < rise:
        return settings.lr * step / rise
    done = (step - rise) / max(settings.steps - rise, 1)
    share = settings.floor + (1 - settings.floor) * (1 + cos(pi * done)) / 2
    return settings.lr * share
