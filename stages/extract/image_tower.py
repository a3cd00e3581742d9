"""The tower that is shown images."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from PIL import Image
from transformers import AutoImageProcessor

from stages.core.nets.hardware import Hardware
from stages.core.nets.load import Model, count_parameters, load_network
from stages.core.nets.pixels import image_tensor, image_transform
from stages.core.nets.timm_models import TimmModel
from stages.core.run.errors import InputError
from stages.extract.failures import model_code
from stages.extract.image_forward import (
    SMALLER,
    Forward,
    ImageBatches,
    Transform,
    hidden_forward,
    run_images,
    timm_forward,
)
from stages.extract.reduction import Reduction
from stages.extract.towers import Replica, Stimuli, Tower

SHARD = 64


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
        Whether its blocks give images with their channels last.
    """

    network: Any
    forward: Forward
    transform: Transform
    channels_last: bool = False


def timm_tower(found: TimmModel, name: str, shown: Stimuli, hardware: Hardware) -> Tower:
    """Prepare to show images to a network of timm, called `name` in messages."""

    def open_net(device: torch.device) -> LoadedNet:
        network = found.load()
        transform = partial(image_tensor, image_transform(network, found.scale))
        last = getattr(network, "output_fmt", None) == "NHWC"
        return LoadedNet(network.to(device), timm_forward(network), transform, last)

    return _tower(open_net, name, shown, hardware, prefix="")


def hidden_tower(
    model: Model,
    shown: Stimuli,
    hardware: Hardware,
    *,
    prefix: str = "",
    part: Callable[[Any], Any] = lambda network: network,
) -> Tower:
    """Prepare to show images to a model of transformers; see `caption_tower`."""
    transform = processor_transform(model.folder)

    def open_net(device: torch.device) -> LoadedNet:
        network = part(load_network(replace(model, device=device), attention=False))
        return LoadedNet(network, hidden_forward(network), transform)

    return _tower(open_net, str(model.folder), shown, hardware, prefix=prefix)


def _tower(
    open_net: Callable[[torch.device], LoadedNet],
    name: str,
    shown: Stimuli,
    hardware: Hardware,
    *,
    prefix: str,
) -> Tower:
    settings = shown.settings

    def replica(device: torch.device) -> Replica:
        net = open_net(device)
        net.network.to(memory_format=torch.channels_last)
        pictures = ImageBatches(shown.images, list(shown.table["id"]), net.transform)
        reduction = Reduction(
            settings.units,
            settings.seed,
            pooled=settings.vision == "pooled",
            channels_last=net.channels_last,
        )
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
        with model_code(name, SMALLER):
            return [replica(device) for device in hardware.devices]

    return Tower(prefix, np.arange(len(shown.table)), SHARD, replicas)


def processor_transform(folder: Path) -> Transform:
    """Make the transform of a model of transformers, by PIL.

    Raises
    ------
    InputError
        If the model has none that is readable without code of its own.
    """
    try:
        processor = AutoImageProcessor.from_pretrained(
            folder, local_files_only=True, trust_remote_code=False, backend="pil"
        )
    except (OSError, ValueError, KeyError, ImportError) as error:
        got = str(error).partition("\n")[0]
        raise InputError("unreadable image processor", where=folder, got=got) from error

    def transform(image: NDArray[np.uint8]) -> torch.Tensor:
        made = processor(images=Image.fromarray(image), return_tensors="pt")
        pixels: torch.Tensor = made["pixel_values"][0]
        return pixels

    return transform
