"""Sums of each row of a symmetric matrix that is made above its diagonal, tile by tile."""

import math
from dataclasses import dataclass

import numpy as np

from stages.align.representation import Features
from stages.align.routines.tiles import Tile
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

    def add(self, tile: Tile, above: Features) -> None:
        """Add what is above the diagonal in a tile.

        Parameters
        ----------
        tile : Tile
        above : ndarray, of its shape
            0 on and below the diagonal.
        """
        squares = above * above
        self.sums[tile.rows] += above.sum(axis=1)
        self.sums[tile.columns] += above.sum(axis=0)
        self.squares[tile.rows] += squares.sum(axis=1)
        self.squares[tile.columns] += squares.sum(axis=0)
        self.most = max(self.most, math.sqrt(squares.max()))


def no_sums(n: int) -> RowSums:
    """Start with nothing added."""
    return RowSums(np.zeros(n), np.zeros(n))
