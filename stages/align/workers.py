"""Where alignments run, and with how much memory: set by the environment, never by a parameter."""

from stages.align.backend import Backend, make_backend
from stages.core.run.settings import read_settings


def choose_backends(dtype: str = "float32") -> list[Backend]:
    """Make one backend per device of CONCORD_DEVICE, or NumPy's.

    CONCORD_DEVICE lists devices of PyTorch, such as `cuda:0,cuda:1`; `cpu` means NumPy.
    CONCORD_MEMORY is the GiB of working memory of one worker (default 1).

    Raises
    ------
    InputError
        If a device is not there, or a setting is wrong.
    """
    settings = read_settings()
    devices = [None if name == "cpu" else name for name in settings.device or ("cpu",)]
    return [make_backend(device, dtype, settings.memory) for device in devices]
