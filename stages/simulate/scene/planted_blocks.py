"""The blocks of the planted vision model: a plain forward pass, independent of `extract`.

In double precision, for the same reason as that of the planted language model.
"""

from collections.abc import Sequence
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from stages.core.nets.embedded import embedded_weights
from stages.core.nets.hardware import side_by_side
from stages.core.nets.pixels import EMBEDDED_SCALE, embedded_network, image_tensor, image_transform
from stages.core.run.errors import ConcordError
from stages.core.run.kept_memory import keep_freed_memory
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
    keep_freed_memory()
    network = _load()
    transform = image_transform(network, EMBEDDED_SCALE)
    first = _forward(network, [image_tensor(transform, images[0])])
    chosen = {
        name: rng.choice(output[0].numel(), UNITS, replace=False) for name, output in first.items()
    }

    def kept(start: int) -> dict[str, NDArray[np.float64]]:
        batch = [image_tensor(transform, image) for image in images[start : start + BATCH]]
        outputs = _forward(network, batch)
        return {name: flat.flatten(1).numpy()[:, chosen[name]] for name, flat in outputs.items()}

    starts = range(0, len(images), BATCH)
    parts = list(progress(side_by_side(kept, starts), "planted blocks", total=len(starts)))
    return {name: np.concatenate([part[name] for part in parts]) for name in chosen}


def _forward(network: Any, batch: Sequence[torch.Tensor]) -> dict[str, torch.Tensor]:
    """Show a batch to the network: what each block puts out, by its name in timm."""
    outputs = {}
    with torch.inference_mode():
        shown = network.bn1(network.conv_stem(torch.stack(list(batch)).double()))
        for number, block in enumerate(network.blocks):
            shown = outputs[f"blocks.{number}"] = block(shown)
    return outputs


def _load() -> Any:
    weights = embedded_weights(*MODEL.split(":"))
    if weights is None:
        raise ConcordError("model not installed", where=MODEL, do="Run `make setup`.")
    return embedded_network(MODEL.split(":")[1], weights).double()
