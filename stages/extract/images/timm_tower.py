"""The tower of a network of timm, and the model that has it."""

from functools import partial

import torch

from stages.core.names.models import ModelSpec
from stages.core.nets.hardware import Hardware
from stages.core.nets.pixels import image_tensor, image_transform
from stages.core.nets.source import Source
from stages.core.nets.timm_models import TimmModel, find_timm, timm_in
from stages.extract.images.image_forward import (
    timm_forward,
)
from stages.extract.images.image_tower import LoadedNet, image_tower
from stages.extract.towers import OpenedModel, Stimuli, Tower


def timm_tower(found: TimmModel, name: str, shown: Stimuli, hardware: Hardware) -> Tower:
    """Prepare to show images to a network of timm, called `name` in messages."""

    def open_net(device: torch.device) -> LoadedNet:
        network = found.load()
        transform = partial(image_tensor, image_transform(network, found.scale))
        last = getattr(network, "output_fmt", None) == "NHWC"
        return LoadedNet(
            network.to(device), timm_forward(network), transform, last, found.seed is not None
        )

    return image_tower(open_net, name, shown, hardware, prefix="")


def open_timm(
    spec: ModelSpec, source: Source | None, shown: Stimuli, hardware: Hardware
) -> OpenedModel:
    """Prepare a model that timm knows by name, or that lies in what timm has written.

    Raises
    ------
    InputError
        If timm does not know it, or there are no weights that are safe to open.
    ConcordError
        If a download broke.
    """
    found = find_timm(spec) if source is None else timm_in(source, spec.seed)
    return OpenedModel(
        modality="vision",
        revision=found.revision,
        dtype="float32",
        presentation="image",
        pooling=shown.settings.vision,
        tokenizer="",
        towers=[timm_tower(found, spec.string, shown, hardware)],
    )
