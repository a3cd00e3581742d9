"""What timm has for the recipe of training: network, optimiser, schedule, average of weights."""

from typing import Any

import timm
import torch
from timm.optim import create_optimizer_v2
from timm.scheduler import create_scheduler_v2
from timm.utils import ModelEmaV3

from stages.core.params.training import TrainScene
from stages.core.run.errors import InputError, did_you_mean


def make_classifier(settings: TrainScene, n_classes: int) -> Any:
    """Make a network of timm with first weights from PyTorch's global generator.

    Raises
    ------
    InputError
        If timm does not know it, or it does not take what is asked of it.
    """
    where = "params.yaml: train.scene.model"
    name = settings.model
    if not timm.is_model(name):
        do = did_you_mean(name.partition(".")[0], timm.list_models())
        raise InputError("no such model in timm", where=where, got=repr(name), do=do)
    known = timm.get_pretrained_cfg(name)
    fixed = {"img_size": settings.size} if known and known.fixed_input_size else {}
    rates = {"drop_rate": settings.drop, "drop_path_rate": settings.drop_path}
    chosen = fixed | {key: rate for key, rate in rates.items() if rate}
    try:
        return timm.create_model(name, pretrained=False, num_classes=n_classes, **chosen)
    except (TypeError, ValueError, AssertionError, RuntimeError) as error:
        do = "Set drop_path or drop to 0, or take another size."
        raise InputError("unfit model", where=where, got=f"{name} ({error})", do=do) from error


def make_optimiser(network: Any, settings: TrainScene) -> torch.optim.Optimizer:
    """Make the optimiser; only matrices and kernels decay, not biases and norms."""
    chosen = settings.optimiser
    scale = settings.batch / chosen.lr_batch if chosen.lr_batch else 1.0
    own = {
        "rmsproptf": {"momentum": chosen.momentum, "alpha": chosen.alpha, "eps": chosen.eps},
        "sgd": {"momentum": chosen.momentum},
        "adamw": {"eps": chosen.eps},
    }
    optimiser: torch.optim.Optimizer = create_optimizer_v2(
        network,
        opt=chosen.name,
        lr=chosen.lr * scale,
        weight_decay=chosen.weight_decay,
        **own[chosen.name],
    )
    return optimiser


class RateSchedule:
    """The learning rate of every update, from timm's schedule.

    Parameters
    ----------
    optimiser : Optimizer
        Whose rate is set.
    settings : TrainScene
    per_epoch : int
        Updates of an epoch.
    """

    def __init__(
        self, optimiser: torch.optim.Optimizer, settings: TrainScene, per_epoch: int
    ) -> None:
        chosen = settings.schedule
        self._optimiser, self._per_epoch = optimiser, per_epoch
        self._by_epoch = chosen.per == "epoch"
        self._schedule, _ = create_scheduler_v2(
            optimiser,
            sched=chosen.name,
            num_epochs=settings.epochs,
            decay_epochs=chosen.decay_epochs,
            decay_rate=chosen.decay_rate,
            min_lr=chosen.min_lr,
            warmup_lr=chosen.warmup_lr,
            warmup_epochs=chosen.warmup_epochs,
            step_on_epochs=self._by_epoch,
            updates_per_epoch=per_epoch,
        )

    def set_rate(self, step: int) -> float:
        """Set and return the rate of update number `step`, from 1."""
        if self._by_epoch:
            self._schedule.step((step - 1) // self._per_epoch)
        else:
            self._schedule.step_update(step - 1)
        return float(self._optimiser.param_groups[0]["lr"])


def make_average(network: Any, settings: TrainScene) -> ModelEmaV3 | None:
    """Begin an exponential moving average of all weights and statistics, if one is wanted.

    The first update makes it the network; then it moves by 1 − decay of the difference.
    """
    if not settings.ema.decay:
        return None
    return ModelEmaV3(network, decay=settings.ema.decay, use_warmup=settings.ema.warmup)
