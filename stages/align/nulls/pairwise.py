"""One number per pair of rows: what closed nulls ask of kernels and dissimilarities."""

from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

Ints = NDArray[np.intp]


class PairwiseMatrix(Protocol):
    """A symmetric matrix of pairs of rows, made in parts: a kernel, or (ranked) dissimilarities.

    It is not centred; its scale does not matter. Numbers are of NumPy or of PyTorch.
    """

    @property
    def n(self) -> int:
        """Count rows."""
        ...

    def rows(self, block: slice) -> Any:
        """Make some rows, shape (n_block, n)."""
        ...

    def sub(self, rows: Ints) -> Any:
        """Make rows and columns of these numbers, shape (n_rows, n_rows)."""
        ...
