"""Where alignments run, and with how much memory: set by the environment, never by a parameter."""

import os

from stages.align.backend import Backend, make_backend
from stages.core.run.errors import InputError

GIB = 2**30


def choose_backends(dtype: str = "float32") -> list[Backend]:
    """Make one backend per device of CONCORD_DEVICE, or NumPy's.

    CONCORD_DEVICE lists devices of PyTorch, such as `cuda:0,cuda:1`; `cpu` means NumPy.
    CONCORD_MEMORY is the GiB of working memory of one worker (default 1).

    Raises
    ------
    InputError
        If a device is not there, or memory is not a positive number.
    """
    given = os.environ.get("CONCORD_MEMORY") or "1"
    try:
        memory = int(float(given) * GIB)
    except ValueError:
        memory = 0
    if memory < 1:
        raise InputError("wrong setting", where="CONCORD_MEMORY", expected="GiB", got=repr(given))
    names = (os.environ.get("CONCORD_DEVICE") or "cpu").split(",")
    devices = [None if name.strip() == "cpu" else name.strip() for name in names]
    return [make_backend(device, dtype, memory) for device in devices]
