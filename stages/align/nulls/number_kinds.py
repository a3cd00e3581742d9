"""Numbers between NumPy and the library that another array is of."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]


def to_host(array: Any) -> Array:
    """Bring numbers to NumPy as float64."""
    return np.asarray(array if isinstance(array, np.ndarray) else array.cpu(), dtype=np.float64)


def like(numbers: Array, other: Any) -> Any:
    """Put numbers where another array is, in its precision."""
    if isinstance(other, np.ndarray):
        return numbers.astype(other.dtype)
    return other.new_tensor(numbers)


def row_products(one: Any, other: Any) -> Any:
    """Multiply two arrays of shape (m, k) row by row, shape (m,)."""
    if isinstance(one, np.ndarray):
        return np.vecdot(one, other)
    return (one * other).sum(1)
