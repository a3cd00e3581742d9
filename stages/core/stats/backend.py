"""Where the products run: NumPy, or PyTorch on a device, in single or double precision."""

import math
from dataclasses import dataclass, replace
from importlib import import_module
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from stages.core.run.errors import InputError

Array = NDArray[np.float64]
MOST_ROWS = 256  # of a block; larger ones gain nothing
FEWEST_ROWS = 128  # of a block, where memory allows; products of fewer are slow
CACHED = 2**18  # numbers of a block that stay in the processor's cache
FEW_PAIRS = 2**17  # of rows: up to so many, double precision is quick, and exact order matters
GIB = 2**30
PRECISIONS = ("float32", "float64")


@dataclass(frozen=True)
class Backend:
    """A library of arrays, with the functions that NumPy and PyTorch name alike.

    Attributes
    ----------
    xp : module
        `numpy` or `torch`.
    device : str or None
        PyTorch's name of the device; None for NumPy.
    dtype : str
    memory : int
        Bytes that working arrays may take, besides the representations themselves.
    """

    xp: Any
    device: str | None
    dtype: str
    memory: int

    def __reduce__(self) -> tuple[Any, ...]:
        """Make it anew where it is unpickled: modules do not travel."""
        return make_backend, (self.device, self.dtype, self.memory)

    @property
    def itemsize(self) -> int:
        """Bytes of one number."""
        return np.dtype(self.dtype).itemsize

    @property
    def eps(self) -> float:
        """Relative size of a unit of rounding."""
        return float(np.finfo(self.dtype).eps)

    def precise(self, n: int) -> "Backend":
        """Choose double precision for what compares few pairs of n rows."""
        return replace(self, dtype="float64") if n * (n - 1) // 2 <= FEW_PAIRS else self

    def put(self, array: ArrayLike) -> Any:
        """Give numbers the precision and the place of the others."""
        host = np.asarray(array, dtype=self.dtype)
        return host if self.device is None else self.xp.as_tensor(host, device=self.device)

    def index(self, rows: NDArray[np.intp]) -> Any:
        """Put row numbers where they can index."""
        return rows if self.device is None else self.xp.as_tensor(rows, device=self.device)

    def mask(self, places: NDArray[np.bool_]) -> Any:
        """Put truth values where they can choose."""
        return places if self.device is None else self.xp.as_tensor(places, device=self.device)

    def integers(self, array: Any) -> Any:
        """Round towards 0, to numbers that can index."""
        return array.astype(np.intp) if self.device is None else array.long()

    def look_up(self, table: Any, places: Any) -> Any:
        """Take numbers of a table, the first or last where a place is outside of it."""
        if self.device is None:
            return np.take(table, places, mode="clip")
        return table[places.clip(0, len(table) - 1)]

    def host(self, array: Any) -> NDArray[np.floating[Any]]:
        """Bring numbers back to NumPy."""
        return np.asarray(array if self.device is None else array.cpu())

    def get(self, array: Any) -> Array:
        """Bring numbers back as float64."""
        return self.host(array).astype(np.float64)

    def empty(self, *shape: int) -> Any:
        """Make room for numbers."""
        kind = getattr(self.xp, self.dtype)
        where = {} if self.device is None else {"device": self.device}
        return self.xp.empty(shape, dtype=kind, **where)

    def zeros(self, *shape: int) -> Any:
        """Make room for sums, in double precision."""
        if self.device is None:
            return np.zeros(shape)
        return self.xp.zeros(shape, dtype=self.xp.float64, device=self.device)

    def chunk(self, needed: int, what: str, fixed: int = 0) -> int:
        """Count how many rows, pairs or vectors fit into memory at once.

        Parameters
        ----------
        needed : int
            Bytes of each.
        what : str
            What does not fit, for the message.
        fixed : int
            Bytes taken whatever the number.

        Raises
        ------
        InputError
            If not even one fits.
        """
        fits = (self.memory - fixed) // needed
        if fits < 1:
            raise InputError(
                f"too little memory for {what}",
                expected=f"at least {needed + fixed} bytes",
                got=self.memory,
                do=f"Set CONCORD_MEMORY to {gib(needed + fixed)} (GiB).",
            )
        return fits

    def blocks(self, n: int, needed: int, what: str, fixed: int = 0) -> list[slice]:
        """Cut n rows into blocks that fit into memory and cache, `needed` bytes a row."""
        most = min(MOST_ROWS, max(FEWEST_ROWS, CACHED // n))
        size = min(self.chunk(needed, what, fixed), most, n)
        return [slice(start, min(start + size, n)) for start in range(0, n, size)]


def gib(amount: int) -> str:
    """Say how many GiB an amount of bytes takes, rounded up to two digits after the point."""
    return f"{math.ceil(amount / GIB * 100) / 100:g}"


def make_backend(device: str | None, dtype: str, memory: int) -> Backend:
    """Choose where products run.

    Parameters
    ----------
    device : str or None
        None for NumPy, which needs no PyTorch; else a device of PyTorch, `cpu` or `cuda`.
    dtype : {"float32", "float64"}
    memory : int
        Bytes.

    Raises
    ------
    InputError
        For another precision, or a device that is not there.
    """
    if dtype not in PRECISIONS:
        raise InputError(
            "unknown precision", where="dtype", expected=" or ".join(PRECISIONS), got=dtype
        )
    if device is None:
        return Backend(np, None, dtype, memory)
    torch = import_module("torch")
    try:
        torch.empty(0, device=device)
    except (RuntimeError, AssertionError) as error:
        raise InputError("device not here", where="device", got=device, do=str(error)) from error
    return Backend(torch, device, dtype, memory)
