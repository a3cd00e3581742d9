"""The arrows of several representations in one table, and which of them another has too."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from stages.align.routines.arrows import Arrows

Ints = NDArray[np.intp]


@dataclass(frozen=True)
class ArrowTable:
    """The arrows of several representations, all between the same rows together.

    Attributes
    ----------
    keys : ndarray of int, shape (n_keys,)
        Of `arrow_keys`, ascending.
    starts : ndarray of int, shape (n_keys + 1,)
        Where the arrows of each key begin.
    order : ndarray of int, shape (n_arrows,)
        Place of each arrow among those of all representations, one after the other.
    whose : ndarray of int, shape (n_arrows,)
        Number of the representation.
    """

    keys: Ints
    starts: Ints
    order: Ints
    whose: Ints

    def shared(self, keys: Ints) -> tuple[Ints, Ints]:
        """Find the arrows of the table with the same keys as others, shapes (n_pairs,).

        Parameters
        ----------
        keys : ndarray of int, shape (n,)

        Returns
        -------
        mine, theirs : ndarray of int
            Place among the keys, and in the table, of each pair.
        """
        # In order, so that neighbouring searches go through the same part of the table.
        order = np.argsort(keys)
        keys = keys[order]
        place = np.searchsorted(self.keys, keys).clip(0, len(self.keys) - 1)
        found = np.flatnonzero(self.keys[place] == keys)
        first, last = self.starts[place[found]], self.starts[place[found] + 1]
        many = last - first
        theirs = np.arange(many.sum()) + np.repeat(first - np.cumsum(many) + many, many)
        return order[np.repeat(found, many)], theirs


def arrow_keys(arrows: Arrows, n: int, *, back: bool = False) -> Ints:
    """Name arrows by source times n, plus target; or, back, by target times n, plus source."""
    ends = (arrows.target, arrows.source) if back else (arrows.source, arrows.target)
    keys: Ints = ends[0].astype(np.intp) * n + ends[1]
    return keys


def arrow_table(keys: Sequence[Ints]) -> ArrowTable:
    """Put the keys of the arrows of several representations into a table."""
    every = np.concatenate(keys)
    order = np.argsort(every, kind="stable")
    every = every[order]
    starts = np.flatnonzero(np.append(True, every[1:] != every[:-1]))
    whose = np.repeat(np.arange(len(keys)), [len(one) for one in keys])[order]
    return ArrowTable(every[starts], np.append(starts, len(every)), order, whose)
