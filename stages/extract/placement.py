"""Which devices hold a network: each one of its own, or all of them together one."""

from collections.abc import Sequence
from dataclasses import replace
from importlib.util import find_spec

import torch

from stages.core.nets.load import Model
from stages.core.run.errors import ConcordError

# Memory for what is computed, relative to the weights.
ROOM = 1.2


def placed(model: Model, parameters: int, devices: Sequence[torch.device]) -> list[Model]:
    """Place a model on every device, or spread it over all CUDA devices if it fits none.

    Parameters
    ----------
    model : Model
    parameters : int
        Weights that it has.
    devices : sequence of torch.device

    Returns
    -------
    list of Model
        One per network to be loaded.

    Raises
    ------
    ConcordError
        If it has to be spread and accelerate, which does that, is not installed.
    """
    needed = int(parameters * model.dtype.itemsize * ROOM)
    if all(needed <= free_memory(device) for device in devices):
        return [replace(model, device=device) for device in devices]
    if find_spec("accelerate") is None:
        raise ConcordError(
            "model larger than a device",
            where=model.folder,
            expected=f"{needed / 2**30:.1f} GiB of free memory on each",
            do="Install accelerate, which spreads it over all devices, or set CONCORD_DEVICE=cpu.",
        )
    return [replace(model, device=devices[0], spread=True)]


def free_memory(device: torch.device) -> float:
    """Bytes free on a CUDA device; without bound elsewhere, where the system swaps."""
    return torch.cuda.mem_get_info(device)[0] if device.type == "cuda" else float("inf")
