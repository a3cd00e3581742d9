"""Order of nearest neighbours: how much of it two representations share."""

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from stages.align.routines.needs import sequence_need
from stages.align.routines.neighbours import Neighbours
from stages.core.names.metrics import Metric
from stages.core.stats.backend import Array, Backend

Ints = NDArray[np.intp]
Counts = NDArray[np.int32]


def lcs_knn(one: Ints, other: Ints) -> Counts:
    """Length of the longest common subsequence of two rows' neighbours, nearest first.

    The score is its mean over rows divided by k, where the released code of Huh et al. (2024)
    does not divide; 1 for the same neighbours in the same order. Chance is exact: see
    `stages.core.names.chances`.

    Parameters
    ----------
    one, other : ndarray of int, shape (k, ...)
        Neighbours by rank; shapes broadcast.

    Returns
    -------
    ndarray of int, shape (...)
    """

    def longest(same: NDArray[np.bool_], before: Counts, above: Counts, left: Counts) -> Counts:
        found: Counts = np.maximum(before + same, np.maximum(above, left))
        return found

    return _align(one, other, longest, edge=0)


def edit_knn(one: Ints, other: Ints) -> Counts:
    """Edit distance between two rows' neighbours, nearest first (Levenshtein 1966).

    Insertions, deletions and substitutions cost 1. The score is 1 - its mean over rows / k
    (Huh et al. 2024, released code); 1 for the same neighbours in the same order. Chance has no
    formula; it is at most that of mutual kNN, k / (n - 1).

    Parameters
    ----------
    one, other : ndarray of int, shape (k, ...)
        Neighbours by rank; shapes broadcast.

    Returns
    -------
    ndarray of int, shape (...)
    """

    def cheapest(same: NDArray[np.bool_], before: Counts, above: Counts, left: Counts) -> Counts:
        found: Counts = np.minimum(before + ~same, np.minimum(above, left) + 1)
        return found

    return _align(one, other, cheapest, edge=1)


def _align(one: Ints, other: Ints, step: Callable[..., Counts], edge: int) -> Counts:
    """Fill the table of prefixes row by row, for all pairs of sequences at once."""
    shape = np.broadcast_shapes(one.shape[1:], other.shape[1:])
    k = len(one)
    above = [np.full(shape, j * edge, dtype=np.int32) for j in range(k + 1)]
    for i in range(k):
        row = [np.full(shape, (i + 1) * edge, dtype=np.int32)]
        for j in range(k):
            row.append(step(one[i] == other[j], above[j], above[j + 1], row[j]))
        above = row
    return above[k]


def compare_sequences(
    left: Sequence[Neighbours],
    right: Sequence[Neighbours],
    metrics: Sequence[Metric],
    orders: Ints,
    backend: Backend,
) -> dict[str, Array]:
    """Compare the order of neighbours of all pairs: `lcs_knn` and `edit_knn`.

    Parameters and returns as those of `compare_neighbours`.
    """
    n, scores = orders.shape[1], {}
    for metric in metrics:
        k, is_lcs = metric.k, metric.name.startswith("lcs")
        count = lcs_knn if is_lcs else edit_knn
        size = sequence_need(n, k, len(left), len(right), backend).chunk(backend)
        total = np.empty((len(left), len(right), len(orders)))
        for start in range(0, len(right), size):
            some = slice(start, start + size)
            there = _by_rank(right[some], k)
            for place, order in enumerate(orders):
                for row, neighbours in enumerate(left):
                    here = _by_rank([neighbours.reorder(order)], k)
                    total[row, some, place] = count(here, there).mean(axis=-1)
        scores[metric.name] = total / k if is_lcs else 1 - total / k
    return scores


def _by_rank(side: Sequence[Neighbours], k: int) -> Any:
    """Neighbours by rank, shape (k, n_side, n)."""
    stacked = np.stack([neighbours.rows[:, :k].T for neighbours in side], axis=1)
    return np.ascontiguousarray(stacked, dtype=np.int32)
