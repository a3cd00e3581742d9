"""The distinct orders into which a null puts each stretch of the responses."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from stages.core.regression.folds import Fold, Rows


@dataclass(frozen=True)
class Block:
    """A stretch of samples, and how the draws of a null order it.

    Segments are shifted independently of each other, so that of many draws few differ within a
    run: as many as it has samples.

    Attributes
    ----------
    rows : ndarray of int, shape (n_rows,)
    orders : ndarray of int, shape (n_orders, n_rows)
        The rows whose responses come to stand here: each order once.
    drawn : ndarray of int, shape (n_shifts,)
        The order that each draw takes.
    """

    rows: Rows
    orders: NDArray[np.intp]
    drawn: NDArray[np.intp]


def block_orders(folds: Sequence[Fold], orders: NDArray[np.intp]) -> list[Block]:
    """Cut the samples by the folds that test them, and find the distinct orders of each part.

    Parameters
    ----------
    folds : sequence of Fold
        Of which no two test the same sample; the rows of each in order.
    orders : ndarray of int, shape (n_shifts, n_samples)

    Returns
    -------
    list of Block
        One per fold, its test rows, and one of the samples that no fold tests, if any.
    """
    label = np.full(orders.shape[1], len(folds))
    for number, fold in enumerate(folds):
        label[fold.outer.test] = number
    return [_block(np.flatnonzero(label == number), orders) for number in np.unique(label)]


def _block(rows: Rows, orders: NDArray[np.intp]) -> Block:
    distinct, drawn = np.unique(orders[:, rows], axis=0, return_inverse=True)
    return Block(rows, distinct, drawn.reshape(-1))
