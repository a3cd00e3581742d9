"""Tails by draws, where four moments do not tell them: no more than each needs."""

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]
Bools = NDArray[np.bool_]
Ints = NDArray[np.intp]
# Scores of some left and some right representations, for some orders of the rows.
Draw = Callable[[Ints, Ints, Ints], Array]
ENOUGH = 10  # draws that reach a score
FIRST = 20  # draws of the first batch; each later one is twice as large


def sequential_tail(score: Array, some: Bools, orders: Ints, draw: Draw, slack: float) -> Array:
    """Draw the null of some scores until each has been reached often enough.

    A score that ENOUGH draws have reached is left alone: p is then ENOUGH over the number of its
    draws (Besag & Clifford 1991), else (b + 1) / (m + 1) with b the draws of all m that reach it.

    Parameters
    ----------
    score : ndarray, shape (n_left, n_right)
    some : ndarray of bool, shape (n_left, n_right)
    orders : ndarray of int, shape (draws, n)
    draw : callable
        Measures pairs of some left and some right representations, given by numbers, for some of
        the orders; returns shape (n_some_left, n_some_right, n_orders).
    slack : float
        By how much rounding may put equal scores apart.

    Returns
    -------
    ndarray, shape (n_left, n_right)
        1 for the scores that are not among those.
    """
    reached, p, left = np.zeros(score.shape), np.ones(score.shape), some.copy()
    start, size = 0, FIRST
    while left.any() and start < len(orders):
        # Rows that want the same columns are drawn together, and no others with them.
        wanted, kinds = np.unique(left, axis=0, return_inverse=True)
        for kind, columns in enumerate(map(np.flatnonzero, wanted)):
            if not len(columns):
                continue
            rows = np.flatnonzero(kinds == kind)
            where = np.ix_(rows, columns)
            null = draw(rows, columns, orders[start : start + size])
            hits = np.cumsum(null >= score[where][..., None] - slack, axis=-1)
            counts = reached[where][..., None] + hits
            full = counts[..., -1] >= ENOUGH
            used = start + 1 + (counts >= ENOUGH).argmax(axis=-1)
            p[where] = np.where(full, ENOUGH / used, p[where])
            reached[where] = counts[..., -1]
            left[where] = ~full
        start, size = start + size, 2 * size
    p[left] = (reached[left] + 1) / (len(orders) + 1)
    return p
