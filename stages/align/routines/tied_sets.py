"""Shared neighbours where some are equally near: the mean over all orders of ties."""

import logging
from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array

from stages.align.routines.arrows import Neighbours
from stages.align.routines.needs import tied_need
from stages.core.names.metrics import Metric
from stages.core.stats.backend import Array, Backend

Ints = NDArray[np.intp]
FEW = 0.01  # of the rows

log = logging.getLogger("concord.align")


def share_ties(
    scores: Array,
    left: Sequence[Neighbours],
    right: Sequence[Neighbours],
    k: int,
    *,
    orders: Ints,
    backend: Backend,
) -> None:
    """Put the mean over all orders of ties in the place of mutual kNN, where there are any.

    m = Σ_ij a_ij b_ij / (n k), where a_ij is the share of all orders in which j is among the k
    nearest neighbours of row i: r / t for each of t rows that compete for the last r places. As
    both sides' ties are independent, this is exact; chance stays k / (n - 1). With itself, a
    representation then aligns to Σ_ij a_ij² / (n k), below 1 where ties are left to chance.

    Parameters
    ----------
    scores : ndarray, shape (n_left, n_right, n_orders)
        As counted in one order of ties; changed where a pair has some.
    left, right : sequence of Neighbours
    k : int
    orders : ndarray of int, shape (n_orders, n)
        Orders of the rows of the left side.
    backend : Backend
        Whose memory it may take; sets are always NumPy's.

    Raises
    ------
    InputError
        If so many rows are tied that they do not fit into memory.
    """
    n = orders.shape[1]
    here, there = ([one.split_rows(k) for one in side] for side in (left, right))
    if not any(map(len, here + there)):
        return
    entries = [[one.count_entries(k) for one in side] for side in (left, right)]
    tied_need(sum(entries[0]), max(entries[0] + entries[1])).chunk(backend)
    sides = [(one.memberships(k), one.in_one_order(k)) for one in left]
    for column, one in enumerate(right):
        others = one.memberships(k), one.in_one_order(k)
        for row, own in enumerate(sides):
            for place, order in enumerate(orders):
                rows = np.union1d(np.flatnonzero(np.isin(order, here[row])), there[column])
                if len(rows):
                    mean, counted = (
                        _moved(mine, rows, order).multiply(other[rows]).sum()
                        for mine, other in zip(own, others, strict=True)
                    )
                    scores[row, column, place] += (mean - counted) / (n * k)


def _moved(graph: Any, rows: Ints, order: Ints) -> Any:
    """Take some rows of a graph whose rows are reordered."""
    part = graph[order[rows]]
    place = np.empty_like(order)
    place[order] = np.arange(len(order))
    moved = csr_array((part.data, place[part.indices], part.indptr), shape=part.shape)
    moved.sort_indices()
    return moved


def warn_of_ties(
    left: Sequence[Neighbours], right: Sequence[Neighbours], metrics: Sequence[Metric]
) -> None:
    """Name the metrics that take tied neighbours in one order, where more than a `FEW` are.

    In single precision some of many rows are tied by rounding.
    """
    for k in sorted({metric.k for metric in metrics}):
        asked = [metric.name for metric in metrics if metric.k == k]
        names = [name for name in asked if not name.startswith("mutual")]
        tied = sum(len(one.split_rows(k)) > FEW * len(one.rows) for one in (*left, *right))
        if names and tied:
            log.warning(
                "in %d of %d representations rows compete for the last of %d places of neighbours: "
                "%s take one order of ties, by chance; mutual_knn_%d takes the mean over all",
                tied,
                len(left) + len(right),
                k,
                ", ".join(names),
                k,
            )
