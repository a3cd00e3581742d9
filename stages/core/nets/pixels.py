"""Image networks of timm, with the weights that a Python package carries."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import timm
import torch
from numpy.typing import NDArray
from PIL import Image
from timm.data import create_transform, resolve_data_config

from stages.core.nets.pixel_scale import check_scale
from stages.core.run.errors import InputError

# The weights in the package were trained on pixels scaled as (x - 127) / 128.
EMBEDDED_SCALE = {"mean": (127 / 255,) * 3, "std": (128 / 255,) * 3}


def load_state(network: Any, weights: Path) -> None:
    """Give a network of timm the tensors of a file, in the order of its own.

    Parameters
    ----------
    network : Module
    weights : Path
        A dictionary of tensors made by `torch.save`, under names of its own; opened as data.

    Raises
    ------
    InputError
        If the tensors are not as many, or not of the shapes, that the network has.
    """
    found = torch.load(weights, map_location="cpu", weights_only=True)
    wanted = network.state_dict()
    shapes = [tuple(tensor.shape) for tensor in wanted.values()]
    given = [tuple(tensor.shape) for tensor in found.values()]
    if given != shapes:
        expected = f"{len(shapes)} tensors of the network's shapes"
        raise InputError("wrong weights", where=weights, expected=expected, got=len(given))
    network.load_state_dict(dict(zip(wanted, found.values(), strict=True)))


def embedded_network(name: str, weights: Path) -> Any:
    """Make a network of timm with the weights of a package, ready for inference."""
    network = timm.create_model(name, pretrained=False)
    load_state(network, weights)
    return network.eval()


def image_transform(network: Any, scale: Mapping[str, tuple[float, ...]] | None = None) -> Any:
    """Make timm's evaluation transform of a network: a PIL image to a tensor.

    It resizes, crops the centre and scales as the network was evaluated; `scale`, such as
    `EMBEDDED_SCALE`, says otherwise.
    """
    settings = resolve_data_config({}, model=network) | dict(scale or {})
    check_scale({name: settings[name] for name in ("mean", "std")}, "the network")
    return create_transform(**settings, is_training=False)


def image_tensor(transform: Any, image: NDArray[np.uint8]) -> torch.Tensor:
    """Transform one image, uint8, height × width × 3, to 3 × height × width."""
    tensor: torch.Tensor = transform(Image.fromarray(image))
    return tensor
