"""Nearest neighbours of every row, and the arrows to them."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array

from stages.align.representation import Features
from stages.align.routines.equals import Equals

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
    equals : Equals or None
        Of rows with equally near neighbours; None if there are none.
    """

    rows: NDArray[np.int32]
    likeness: Features
    equals: Equals | None = None

    def reorder(self, order: Ints) -> "Neighbours":
        """Neighbours once rows are reordered, in the one order that ties have been put into."""
        place = np.empty(len(order), dtype=np.int32)
        place[order] = np.arange(len(order))
        return Neighbours(place[self.rows[order]], self.likeness[order])

    def arrows(self, k: int) -> Arrows:
        """List who is among the k nearest of whom."""
        source = np.repeat(np.arange(len(self.rows), dtype=np.int32), k)
        return Arrows(source, self.rows[:, :k].ravel(), self.likeness[:, :k].ravel())

    def is_split(self, k: int) -> bool:
        """Whether some row has more neighbours as near as the k-th than there are places for."""
        if self.equals is None:
            return False
        shares = self.equals.shares(k)
        return bool(((shares > 0) & (shares < 1)).any())

    def count_entries(self, k: int) -> int:
        """Bound the number of `memberships` that are above 0."""
        return len(self.rows) * k + (0 if self.equals is None else len(self.equals.owner))

    def memberships(self, k: int) -> Any:
        """Say how often each row is among the k nearest of each, over all orders of ties.

        Returns
        -------
        scipy.sparse.csr_array, shape (n, n)
            Rows sum to k; all 1 where nothing is tied.
        """
        n = len(self.rows)
        owner, member = np.repeat(np.arange(n), k), self.rows[:, :k].ravel()
        share = np.ones(len(owner))
        if self.equals is not None:
            alone = ~np.isin(owner, self.equals.owner)
            shares = self.equals.shares(k)
            there = shares > 0
            owner = np.append(owner[alone], self.equals.owner[there])
            member = np.append(member[alone], self.equals.member[there])
            share = np.append(share[alone], shares[there])
        return csr_array((share, (owner, member)), shape=(n, n))
