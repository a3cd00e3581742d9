"""Nearest neighbours of every row, and the arrows to them."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from stages.align.representation import Features

Ints = NDArray[np.intp]
Small = NDArray[np.int32]


@dataclass(frozen=True)
class Arrows:
    """Arrows from every row to its nearest neighbours, each array of shape (n_arrows,).

    Attributes
    ----------
    source, target : ndarray of int
    likeness : ndarray
        Cosine similarity of both; 1 where only dissimilarities are known.
    """

    source: Small
    target: Small
    likeness: Features

    def reorder(self, order: Ints) -> "Arrows":
        """Name rows by where they are in another order."""
        place = np.empty(len(order), dtype=np.int32)
        place[order] = np.arange(len(order))
        return Arrows(place[self.source], place[self.target], self.likeness)


@dataclass(frozen=True)
class Neighbours:
    """Nearest neighbours of every row, nearest first.

    Attributes
    ----------
    rows : ndarray of int, shape (n, k)
    likeness : ndarray, shape (n, k)
        Cosine similarity with each; 1 where only dissimilarities are known.
    """

    rows: NDArray[np.int32]
    likeness: Features

    def reorder(self, order: Ints) -> "Neighbours":
        """Neighbours once rows are reordered."""
        place = np.empty(len(order), dtype=np.int32)
        place[order] = np.arange(len(order))
        return Neighbours(place[self.rows[order]], self.likeness[order])

    def arrows(self, k: int) -> Arrows:
        """List who is among the k nearest of whom."""
        source = np.repeat(np.arange(len(self.rows), dtype=np.int32), k)
        return Arrows(source, self.rows[:, :k].ravel(), self.likeness[:, :k].ravel())
