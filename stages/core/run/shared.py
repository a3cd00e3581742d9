"""Large values that tasks refer to: themselves in this process, mapped from files in another."""

import mmap
import pickle
import shutil
import weakref
from functools import cached_property
from pathlib import Path
from tempfile import mkdtemp
from threading import Lock
from typing import IO, Any, Generic, TypeVar

import numpy as np
from numpy.typing import DTypeLike, NDArray

from stages.core.run.settings import read_settings

T = TypeVar("T")
SMALL = 4096  # bytes up to which an array is pickled with the rest

_writing = Lock()


class Shared(Generic[T]):
    """A value that many tasks need, handed to them by reference.

    A task that stays in this process sees the value as it is. Where a task is pickled for another,
    the name of a file goes along in the value's place: it is written once, when that first happens,
    into a folder of CONCORD_SCRATCH, its arrays apart, and the other process maps them. An array
    that is mapped from a file already, as layers and responses are, is mapped from that file. The
    folder is removed with the last reference to the value in this process.

    Parameters
    ----------
    value : object
        Can be pickled, and is not changed any more.
    """

    def __init__(self, value: T) -> None:
        self.value = value

    def __reduce__(self) -> tuple[Any, ...]:
        with _writing:
            return _read, (self._path,)

    @cached_property
    def _path(self) -> Path:
        scratch = read_settings().scratch.resolve()
        scratch.mkdir(parents=True, exist_ok=True)
        folder = Path(mkdtemp(prefix="shared_", dir=scratch))
        weakref.finalize(self, shutil.rmtree, folder, ignore_errors=True)
        with (folder / "value.pickle").open("wb") as stream:
            _Writer(stream, folder).dump(self.value)
        return folder / "value.pickle"


class _Writer(pickle.Pickler):
    """Pickles a value, but leaves its larger arrays in files."""

    def __init__(self, stream: IO[bytes], folder: Path) -> None:
        super().__init__(stream)
        self._folder, self._n_arrays = folder, 0

    def reducer_override(self, value: Any) -> Any:
        """Say how an array is had again; leave the rest to pickle."""
        if type(value) not in (np.ndarray, np.memmap) or value.dtype.hasobject:
            return NotImplemented
        file = _file_of(value)
        if file is not None:
            return _map_file, (file.filename, value.dtype, file.offset, value.shape)
        if value.nbytes <= SMALL:
            return NotImplemented
        path = self._folder / f"{self._n_arrays}.npy"
        self._n_arrays += 1
        np.save(path, value, allow_pickle=False)
        return _map_array, (path,)


def _file_of(array: NDArray[Any]) -> "np.memmap[Any, Any] | None":
    """Find the file that an array is a whole and unchangeable view of."""
    file = array if isinstance(array, np.memmap) else array.base
    if not isinstance(file, np.memmap):
        return None
    root: object = file.base  # a part of a mapped array has an array for its base
    same = array.ctypes.data == file.ctypes.data and array.strides == file.strides
    whole = same and array.shape == file.shape and array.dtype == file.dtype
    fixed = isinstance(root, mmap.mmap) and file.mode == "r" and file.flags.c_contiguous
    return file if whole and fixed else None


def _read(path: Path) -> Shared[Any]:
    with path.open("rb") as stream:
        return Shared(pickle.load(stream))  # noqa: S301 (ours, from a folder of our own)


def _map_array(path: Path) -> NDArray[Any]:
    return np.asarray(np.load(path, mmap_mode="r", allow_pickle=False))


def _map_file(path: Path, dtype: DTypeLike, offset: int, shape: tuple[int, ...]) -> NDArray[Any]:
    return np.asarray(np.memmap(path, dtype, "r", offset, shape))
