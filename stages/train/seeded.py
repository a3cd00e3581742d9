"""Chance that is a function of numbers: nothing depends on what was drawn before, or by whom."""

import random
from collections.abc import Iterator
from contextlib import contextmanager

import numpy as np
import torch


def rng_of(*numbers: int) -> np.random.Generator:
    """Make the generator that belongs to some numbers, such as a seed and an epoch."""
    return np.random.default_rng(numbers)


@contextmanager
def seeded(*numbers: int) -> Iterator[None]:
    """Within the block, all that draws from the global generators draws what belongs to `numbers`.

    Those of Python, numpy and PyTorch are left afterwards as they were found: the parts of timm
    and transformers know no others. On resuming nothing need be restored.
    """
    state = np.random.SeedSequence(numbers).generate_state(1, np.uint64)
    seed = int(state[0])
    python, legacy = random.getstate(), np.random.get_state()  # noqa: NPY002 (timm draws from it)
    with torch.random.fork_rng(devices=range(torch.cuda.device_count())):
        _seed_torch(seed)
        random.seed(seed)
        np.random.seed(seed % 2**32)  # noqa: NPY002
        try:
            yield
        finally:
            random.setstate(python)
            np.random.set_state(legacy)  # noqa: NPY002


def _seed_torch(seed: int) -> None:
    """Seed PyTorch, as `torch.manual_seed` does.

    That notes for every kind of device that is not there who asked, which takes longer than a step
    of a small network.
    """
    if torch.accelerator.is_available():
        torch.manual_seed(seed)
    else:
        torch.default_generator.manual_seed(seed)


@contextmanager
def repeatable() -> Iterator[None]:
    """Within the block, the same sums are taken in the same order on every machine of a kind.

    On the CPU one thread adds: how many there are would change the last digits, and networks of
    the sizes that are trained there gain nothing from more.
    """
    threads = torch.get_num_threads()
    settled = torch.are_deterministic_algorithms_enabled()
    torch.set_num_threads(1)
    torch.use_deterministic_algorithms(True, warn_only=True)
    try:
        yield
    finally:
        torch.set_num_threads(threads)
        torch.use_deterministic_algorithms(settled)
