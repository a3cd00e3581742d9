"""HDF5 files of other people's making: what links, lies or is damaged is refused."""

import math
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import h5py

from stages.core.run.errors import InputError
from stages.core.run.files import check_claim, require_file

# What h5py raises of a file that is damaged, or not of the kind that it says.
UNREADABLE = (OSError, RuntimeError, ValueError, TypeError, LookupError, AttributeError)
MOST_CHUNK = 2**29  # bytes; to read any of a chunk, all of it is unpacked


@contextmanager
def hdf5_reading(where: object, do: str) -> Iterator[None]:
    """Say of what h5py raises inside the block that the file cannot be read.

    Raises
    ------
    InputError
    """
    try:
        yield
    except UNREADABLE as error:
        what = "truncated or unreadable hdf5"
        raise InputError(what, where=where, got=error, do=do) from error


@contextmanager
def open_hdf5(path: Path, do: str) -> Iterator[h5py.File]:
    """Open a file; what the block raises is left as it is.

    Raises
    ------
    InputError
        If it is missing or no HDF5.
    """
    require_file(path, do)
    with hdf5_reading(path, do):
        file = h5py.File(path)
    with file:
        yield file


def dataset(file: h5py.File, name: str, path: Path, do: str) -> Any:
    """Find a dataset that the file itself holds.

    Returns
    -------
    h5py.Dataset

    Raises
    ------
    InputError
        If there is none of this name with numbers in it, or it is a link, to itself or out of
        the file; or if it claims more than the file can hold, or has chunks of above `MOST_CHUNK`.
    """
    with hdf5_reading(path, do):
        link = file.get(name, getlink=True) if name in file else None
        found = file[name] if isinstance(link, h5py.HardLink) else None
        elsewhere = isinstance(found, h5py.Dataset) and (
            found.is_virtual or found.external or found.shape is None
        )
        names = list(file)
    if link is not None and not isinstance(link, h5py.HardLink):
        got = f"a link, {type(link).__name__}"
        raise InputError("no dataset", where=f"{path}, {name}", expected="numbers", got=got, do=do)
    if not isinstance(found, h5py.Dataset) or elsewhere:
        raise InputError("dataset missing", where=path, expected=name, got=names, do=do)
    check_claim(found.nbytes, path, f"{path}, {name}", do)
    together = math.prod(found.chunks or ()) * found.dtype.itemsize
    if together > MOST_CHUNK:
        expected, got = f"at most {MOST_CHUNK} bytes", together
        raise InputError("huge chunk", where=f"{path}, {name}", expected=expected, got=got, do=do)
    return found
