"""The tower of a network of transformers that is shown images."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from PIL import Image

from stages.core.nets.hardware import Hardware
from stages.core.nets.load import Model, load_network
from stages.core.nets.pixel_scale import check_scale
from stages.core.run.errors import InputError
from stages.extract.images.image_forward import (
    Transform,
    hidden_forward,
)
from stages.extract.images.image_tower import LoadedNet, image_tower
from stages.extract.towers import Stimuli, Tower


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
        return LoadedNet(
            network, hidden_forward(network), transform, untrained=model.seed is not None
        )

    return image_tower(open_net, str(model.folder), shown, hardware, prefix=prefix)


def processor_transform(folder: Path) -> Transform:
    """Make the transform of a model of transformers, by PIL.

    Raises
    ------
    InputError
        If the model has none that is readable without code of its own.
    """
    from transformers import AutoImageProcessor  # noqa: PLC0415 (takes a while)

    try:
        processor = AutoImageProcessor.from_pretrained(
            folder, local_files_only=True, trust_remote_code=False, backend="pil"
        )
    except (OSError, ValueError, KeyError, ImportError) as error:
        got = str(error).partition("\n")[0]
        raise InputError("unreadable image processor", where=folder, got=got) from error

    scale = ("image_mean", "image_std", "rescale_factor")
    check_scale({name: getattr(processor, name, None) for name in scale}, folder)

    def transform(image: NDArray[np.uint8]) -> torch.Tensor:
        made = processor(images=Image.fromarray(image), return_tensors="pt")
        pixels: torch.Tensor = made["pixel_values"][0]
        return pixels

    return transform
