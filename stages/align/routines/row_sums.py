"""Sums of each row of a symmetric matrix that is made above its diagonal, block by block."""

from dataclasses import dataclass

import numpy as np

from stages.core.stats.backend import Array


@dataclass
class RowSums:
    """Sums over all pairs of rows that have been added.

    Attributes
    ----------
    sums, squares : ndarray, shape (n,)
        Of each row, and of its squares, without the diagonal.
    most : float
        Largest magnitude.
    """

    sums: Array
    squares: Array
    most: float = 0.0

    def add(self, block: slice, above: Array) -> None:
        """Add what is above the diagonal of some rows.

        Parameters
        ----------
        block : slice
        above : ndarray, shape (n_block, n - block.start)
            These and all later columns, 0 on and below the diagonal; it is overwritten.
        """
        self.sums[block] += above.sum(axis=1)
        self.sums[block.start :] += above.sum(axis=0)
        self.most = max(self.most, float(above.max()), -float(above.min()))
        above *= above
        self.squares[block] += above.sum(axis=1)
        self.squares[block.start :] += above.sum(axis=0)


def no_sums(n: int) -> RowSums:
    """Start with nothing added."""
    return RowSums(np.zeros(n), np.zeros(n))
