"""Where networks run, and how much they take at once: set by the environment."""

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TypeVar

import torch

from stages.core.run.errors import InputError
from stages.core.run.settings import read_settings

R = TypeVar("R")
T = TypeVar("T")
# Enough to keep the device busy, little enough for its caches and memory.
BATCH_TOKENS = {"cpu": 1024, "cuda": 16384}
BATCH_IMAGES = {"cpu": 4, "cuda": 64}
# Networks of fewer weights run on one thread of the processor: the threads of a small product wait
# for each other longer than it takes, up to twenty times where the machine is shared.
SMALL = 5_000_000


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
    settings, devices = read_settings(), choose_devices()
    kind = devices[0].type
    return Hardware(
        devices=devices,
        batch_tokens=settings.batch_tokens or BATCH_TOKENS.get(kind, 4096),
        batch_images=settings.batch_images or BATCH_IMAGES.get(kind, 32),
    )


def choose_devices() -> list[torch.device]:
    """CONCORD_DEVICE, such as `cuda:0,cuda:1`; or every CUDA device in sight; or the CPU.

    Convolutions on CUDA keep single precision, which PyTorch would round to ten bits (TF32):
    neither the key of an extraction nor its `dtype` would tell.

    Raises
    ------
    InputError
        If a device asked for is unknown or absent.
    """
    torch.backends.cudnn.allow_tf32 = False
    everywhere = [f"cuda:{index}" for index in range(torch.cuda.device_count())]
    return [_device(name) for name in read_settings().device or everywhere or ["cpu"]]


def _device(name: str) -> torch.device:
    try:
        device = torch.device(name)
        torch.empty(1, device=device)
    except (RuntimeError, AssertionError) as error:
        why = str(error).partition("\n")[0]
        raise InputError("no such device", where="CONCORD_DEVICE", got=f"{name} ({why})") from error
    return device


@contextmanager
def suited_threads(parameters: int) -> Iterator[None]:
    """Let a network of so many weights run on the threads that suit it."""
    threads = torch.get_num_threads()
    torch.set_num_threads(1 if parameters < SMALL else threads)
    try:
        yield
    finally:
        torch.set_num_threads(threads)


def side_by_side(work: Callable[[T], R], tasks: Sequence[T]) -> Iterator[R]:
    """Do tasks on the processor, each on one thread, as many at once as it has threads.

    Of small batches, each on all threads, a processor of two cores makes hardly more than one does.

    Yields
    ------
    R
        What each task gave, in their order.
    """
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        with ThreadPoolExecutor(threads) as pool:
            yield from pool.map(work, tasks)
    finally:
        torch.set_num_threads(threads)
