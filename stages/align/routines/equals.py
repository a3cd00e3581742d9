"""Neighbours that are equally near, each in part: the mean over all orders of ties."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Ints = NDArray[np.integer]
Array = NDArray[np.float64]


@dataclass(frozen=True)
class Equals:
    """All neighbours of the rows that have equally near ones, by row and nearest first.

    Those as near as the last one are all here, also where only some of them are among the k
    nearest. Each array is of shape (n_entries,).

    Attributes
    ----------
    owner : ndarray of int
        Row, ascending.
    member : ndarray of int
        Its neighbour.
    group : ndarray of int
        Of neighbours of one row that are equally near; ascending within the row.
    """

    owner: Ints
    member: Ints
    group: Ints

    def shares(self, k: int) -> Array:
        """How often each is among the k nearest, if chance puts equals into an order.

        Of t rows as near as the k-th neighbour, s of which are among the k nearest, each is there
        in s / t of all orders, and those nearer are in all.

        Returns
        -------
        ndarray, shape (n_entries,)
        """
        _, starts, row = np.unique(self.owner, return_index=True, return_inverse=True)
        last = self.group[starts + k - 1][row]
        nearer, equal = self.group < last, self.group == last
        places = k - np.bincount(row, nearer)
        share: Array = nearer + equal * (places / np.bincount(row, equal))[row]
        return share


def gather_equals(rows: Ints, columns: Ints, groups: Ints, k: int) -> Equals:
    """List the neighbours of some rows up to the last that is as near as the k-th.

    Parameters
    ----------
    rows : ndarray of int, shape (n_rows,)
        Ascending.
    columns, groups : ndarray of int, shape (n_rows, n_near)
        Nearest first, as `stages.align.routines.ties.Ties.sort` leaves them.
    k : int
    """
    near = groups <= groups[:, k - 1 : k]
    owner = np.repeat(rows, near.sum(axis=1))
    return Equals(*(numbers.astype(np.int32) for numbers in (owner, columns[near], groups[near])))


def join_equals(parts: Sequence[Equals | None]) -> Equals | None:
    """Put parts, of ascending rows, together; None if there is nothing in them."""
    found = [part for part in parts if part is not None and len(part.owner)]
    if not found:
        return None
    fields = ("owner", "member", "group")
    return Equals(*(np.concatenate([getattr(part, name) for part in found]) for name in fields))
