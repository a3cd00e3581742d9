"""The blocks of the planted vision model: a plain forward pass, independent of `extract`.

In double precision, for the same reason as that of the planted language model.
"""

from collections.abc import Sequence
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from stages.core.nets.embedded import embedded_weights
from stages.core.nets.pixels import EMBEDDED_SCALE, embedded_network, image_tensor, image_transform
from stages.core.run.errors import ConcordError
from stages.core.run.progress import progress

MODEL = "timm:tf_efficientnet_lite0"
# Images at a time; on a processor, more take longer.
BATCH = 8
# Units of a block that voxels weigh, drawn at random: their linear kernel is nearly the block's.
UNITS = 4096


def block_outputs(
    images: Sequence[NDArray[np.uint8]], rng: np.random.Generator
) -> dict[str, NDArray[np.float64]]:
    """Show images to the planted model.

    Parameters
    ----------
    images : sequence of ndarray of uint8, shape (height, width, 3)
    rng : Generator
        Draws `UNITS` of the units (channels × height × width) of each block.

    Returns
    -------
    dict of ndarray, shape (n_images, UNITS)
        By the block's name in timm.

    Raises
    ------
    ConcordError
        If the package that carries the model is not installed.
    """
    network = _load()
    transform = image_transform(network, EMBEDDED_SCALE)
    outputs: dict[str, Any] = {}
    for number, block in enumerate(network.blocks):
        block.register_forward_hook(_keeper(outputs, f"blocks.{number}"))
    chosen: dict[str, NDArray[np.intp]] = {}
    kept: dict[str, NDArray[np.float64]] = {}
    for start in progress(range(0, len(images), BATCH), "planted blocks"):
        batch = [image_tensor(transform, image) for image in images[start : start + BATCH]]
        with torch.inference_mode():
            network.forward_features(torch.stack(batch).double())
        for name, output in outputs.items():
            if name not in chosen:
                chosen[name] = rng.choice(output[0].numel(), UNITS, replace=False)
                kept[name] = np.empty((len(images), UNITS))
            flat = output.flatten(1).numpy()
            kept[name][start : start + len(batch)] = flat[:, chosen[name]]
    return kept


def _load() -> Any:
    weights = embedded_weights(*MODEL.split(":"))
    if weights is None:
        raise ConcordError("model not installed", where=MODEL, do="Run `make setup`.")
    return embedded_network(MODEL.split(":")[1], weights).double()


def _keeper(outputs: dict[str, Any], name: str) -> Any:
    """Make a hook that keeps what a block puts out."""

    def keep(module: object, given: object, output: torch.Tensor) -> None:
        outputs[name] = output

    return keep
