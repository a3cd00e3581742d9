"""Where networks run, and how much they take at once: set by the environment."""

import os
from dataclasses import dataclass

import torch

from stages.core.run.errors import InputError

# Enough to keep the device busy, little enough for its caches and memory.
BATCH_TOKENS = {"cpu": 1024, "cuda": 16384}
BATCH_IMAGES = {"cpu": 8, "cuda": 64}


@dataclass(frozen=True)
class Hardware:
    """What networks run on.

    Attributes
    ----------
    devices : list of torch.device
        Of one kind or several; each gets a network of its own.
    batch_tokens, batch_images : int
        Taken at once by each.
    """

    devices: list[torch.device]
    batch_tokens: int
    batch_images: int


def read_hardware() -> Hardware:
    """Read CONCORD_DEVICE, CONCORD_BATCH_TOKENS and CONCORD_BATCH_IMAGES.

    Raises
    ------
    InputError
        If a device is unknown or absent, or a batch is not a number.
    """
    devices = choose_devices()
    kind = devices[0].type
    return Hardware(
        devices=devices,
        batch_tokens=batch_size("CONCORD_BATCH_TOKENS", BATCH_TOKENS.get(kind, 4096)),
        batch_images=batch_size("CONCORD_BATCH_IMAGES", BATCH_IMAGES.get(kind, 32)),
    )


def choose_devices() -> list[torch.device]:
    """CONCORD_DEVICE, such as `cuda:0,cuda:1`; or every CUDA device in sight; or the CPU.

    Raises
    ------
    InputError
        If a device asked for is unknown or absent.
    """
    everywhere = [f"cuda:{index}" for index in range(torch.cuda.device_count())]
    given = os.environ.get("CONCORD_DEVICE") or ",".join(everywhere) or "cpu"
    return [_device(name.strip()) for name in given.split(",")]


def _device(name: str) -> torch.device:
    try:
        device = torch.device(name)
        torch.empty(1, device=device)
    except (RuntimeError, AssertionError) as error:
        why = str(error).partition("\n")[0]
        raise InputError("no such device", where="CONCORD_DEVICE", got=f"{name} ({why})") from error
    return device


def batch_size(variable: str, suited: int) -> int:
    """Read what an environment variable says, or else take what suits the device."""
    given = os.environ.get(variable) or suited
    try:
        size = int(given)
    except ValueError:
        size = 0
    if size < 1:
        unit = variable.rpartition("_")[2].lower()
        raise InputError("wrong setting", where=variable, expected=f"{unit} per batch", got=given)
    return size
