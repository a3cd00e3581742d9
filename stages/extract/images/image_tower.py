"""The tower that is shown images."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from stages.core.nets.calibrated_norms import calibrate
from stages.core.nets.counting import count_parameters
from stages.core.nets.hardware import Hardware
from stages.core.nets.residual_gains import open_branches
from stages.core.run.kept_memory import keep_freed_memory
from stages.extract.failures import model_code
from stages.extract.images.channel_axis import channel_axes
from stages.extract.images.image_forward import (
    SMALLER,
    Forward,
    ImageBatches,
    Transform,
    run_images,
)
from stages.extract.reduction import Reduction
from stages.extract.towers import Replica, Stimuli, Tower

SHARD = 64
# Images that statistics of batch normalisation are made of, and so many at once.
CALIBRATED_ON, CALIBRATION_BATCH = 128, 32


@dataclass(frozen=True)
class LoadedNet:
    """A network that is shown images, ready to run.

    Attributes
    ----------
    network : Module
    forward : callable
        Of `timm_forward` or `hidden_forward`.
    transform : callable
        From an image to what the network takes.
    channels_last : bool
        Whether it says that its blocks give images with their channels last.
    untrained : bool
        Whether its weights were drawn.
    """

    network: Any
    forward: Forward
    transform: Transform
    channels_last: bool = False
    untrained: bool = False


def calibration_rows(n_images: int) -> NDArray[np.intp]:
    """Rows of images for whole batches, evenly over all of them; all where there are few."""
    most = min(n_images, CALIBRATED_ON)
    size = most - most % CALIBRATION_BATCH if most > CALIBRATION_BATCH else most
    return np.linspace(0, n_images - 1, size).round().astype(np.intp)


def image_tower(
    open_net: Callable[[torch.device], LoadedNet],
    name: str,
    shown: Stimuli,
    hardware: Hardware,
    *,
    prefix: str,
) -> Tower:
    """Prepare to show images to a network.

    Parameters
    ----------
    open_net : callable
        Loads the network on a device.
    name : str
        The model, for messages.
    shown : Stimuli
    hardware : Hardware
    prefix : str
        Of the layers' names.
    """
    settings = shown.settings

    def replica(device: torch.device) -> Replica:
        net = open_net(device)
        pictures = ImageBatches(shown.images, list(shown.table["id"]), net.transform)
        if net.untrained and settings.untrained == "normalised":
            open_branches(net.network)
            rows = calibration_rows(len(pictures))
            batches = pictures.batches(rows, min(len(rows), CALIBRATION_BATCH))
            calibrate(net.network, (pixels.to(device) for pixels in batches))
        net.network.to(memory_format=torch.channels_last)
        axes = None
        if settings.vision == "pooled":
            first = pictures(0)[None].to(device)
            last = net.channels_last
            axes = channel_axes(net.network, net.forward, first, channels_last=last)
        reduction = Reduction(settings.units, settings.seed, axes)
        show = partial(
            run_images,
            pictures,
            net.forward,
            reduction,
            device=device,
            batch=hardware.batch_images,
            where=name,
        )
        return Replica(count_parameters(net.network), show)

    def replicas() -> list[Replica]:
        if any(device.type == "cpu" for device in hardware.devices):
            keep_freed_memory()
        with model_code(name, SMALLER):
            return [replica(device) for device in hardware.devices]

    return Tower(prefix, np.arange(len(shown.table)), SHARD, replicas)
