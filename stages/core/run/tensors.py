"""Tensors on disk, read where they lie: what is not looked at does not take memory."""

import mmap
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from safetensors import SafetensorError, safe_open

from stages.core.run.errors import InputError
from stages.core.run.files import require_file


def map_tensor(path: Path, key: str, do: str) -> NDArray[np.float32]:
    """Map the one tensor of a safetensors file into memory.

    Parameters
    ----------
    path : Path
    key : str
        Its name; the file holds nothing else.
    do : str
        What to do if the file is missing or unreadable.

    Returns
    -------
    ndarray of float32
        Read-only.

    Raises
    ------
    InputError
        If the file is missing, truncated, or of another type, or holds any other tensor.
    """
    require_file(path, do)
    try:
        with safe_open(path, "numpy") as file:
            names = list(file.keys())
            if names != [key]:
                got = ", ".join(sorted(names)[:5]) or "none"
                raise InputError("wrong tensors", where=path, expected=key, got=got, do=do)
            found = file.get_slice(key)
            shape, dtype = tuple(found.get_shape()), found.get_dtype()
    except (SafetensorError, OSError) as error:
        raise InputError("unreadable tensor", where=path, got=error, do=do) from error
    if dtype != "F32":
        raise InputError("wrong dtype", where=path, expected="F32", got=dtype, do=do)
    with path.open("rb") as stream:
        start = 8 + int.from_bytes(stream.read(8), "little")
    return np.asarray(np.memmap(path, np.float32, "r", start, shape))


def let_go(array: NDArray[Any]) -> None:
    """Free the memory of what has been looked at of an array that is mapped from a file.

    It stays as it is, and is read from the file again. Of an array that is not mapped, or not
    read-only, nothing is done.
    """
    file = array if isinstance(array, np.memmap) else array.base
    root: object = file.base if isinstance(file, np.memmap) else None
    if isinstance(root, mmap.mmap) and isinstance(file, np.memmap) and file.mode == "r":
        root.madvise(mmap.MADV_DONTNEED)
