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

    def split_rows(self, k: int) -> Ints:
        """List the rows that have more neighbours as near as the k-th than there are places for."""
        if self.equals is None:
            return np.empty(0, dtype=np.intp)
        shares = self.equals.shares(k)
        return np.unique(self.equals.owner[(shares > 0) & (shares < 1)]).astype(np.intp)

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
        if not len(self.split_rows(k)) or self.equals is None:
            return self.in_one_order(k)
        n, alone = len(self.rows), np.ones(len(self.rows), dtype=np.bool_)
        alone[self.equals.owner] = False
        shares = self.equals.shares(k)
        there = shares > 0
        owner = np.append(np.repeat(np.flatnonzero(alone), k), self.equals.owner[there])
        member = np.append(self.rows[alone, :k].ravel(), self.equals.member[there])
        share = np.append(np.ones(k * int(alone.sum())), shares[there])
        return csr_array((share, (owner, member)), shape=(n, n))

    def in_one_order(self, k: int) -> Any:
        """Mark the k nearest of each row in the one order of ties, shape as of `memberships`."""
        n = len(self.rows)
        members = np.sort(self.rows[:, :k], axis=1).ravel()
        starts = np.arange(0, n * k + 1, k, dtype=np.int32)
        return csr_array((np.ones(n * k), members, starts), shape=(n, n))
