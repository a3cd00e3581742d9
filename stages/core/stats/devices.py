"""Where products run, and with how much memory: set by the environment, never by a parameter."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from queue import SimpleQueue
from typing import Any

from stages.core.run.settings import read_settings
from stages.core.stats.backend import Backend, make_backend

NUMPYS = ("cpu", "mps")  # the latter has no double precision


def choose_backends(dtype: str = "float32") -> list[Backend]:
    """Make one backend per device of CONCORD_DEVICE, or NumPy's.

    CONCORD_DEVICE lists devices of PyTorch, such as `cuda:0,cuda:1`; `cpu` and `mps` mean NumPy.
    CONCORD_MEMORY is the GiB of working memory of one worker (default 1).

    Raises
    ------
    InputError
        If a device is not there, or a setting is wrong.
    """
    settings = read_settings()
    devices = [None if name in NUMPYS else name for name in settings.device or ("cpu",)]
    return [make_backend(device, dtype, settings.memory) for device in devices]


class Devices:
    """Backends that threads take in turns, so that each holds the arrays of one of them.

    Parameters
    ----------
    backends : sequence of Backend
        One at least.
    """

    def __init__(self, backends: Sequence[Backend]) -> None:
        self._backends = tuple(backends)
        self._free: SimpleQueue[Backend] = SimpleQueue()
        for backend in backends:
            self._free.put(backend)

    def __reduce__(self) -> tuple[Any, ...]:
        """Make them anew where they are unpickled: queues do not travel."""
        return Devices, (self._backends,)

    @contextmanager
    def one(self) -> Iterator[Backend]:
        """Wait for a backend that is free, and keep it to the end of the block."""
        backend = self._free.get()
        try:
            yield backend
        finally:
            self._free.put(backend)
