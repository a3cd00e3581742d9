"""Predictions of one fold from every draw, by tables over the distinct orders of each block."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from stages.core.regression.block_orders import Block
from stages.core.regression.folds import Split
from stages.core.regression.hats import Hats, Single
from stages.core.regression.left_over import sum_of_rows

Array = NDArray[np.float64]


class FoldTables:
    """Several designs in one fold, which share the shifted responses and the products with them.

    Parameters
    ----------
    hats : sequence of Hats
        One per design.
    blocks : sequence of Block
    fold : int
        The block that is tested.
    split : Split
    """

    def __init__(
        self, hats: Sequence[Hats], blocks: Sequence[Block], fold: int, split: Split
    ) -> None:
        self._hats, self._blocks, self._fold = hats, blocks, fold
        self._trained = [g for g, b in enumerate(blocks) if np.isin(b.rows, split.train).any()]
        self._axes = np.hstack([one.axes for one in hats])
        self._on_rows = any(one.width > one.axes.shape[1] for one in hats)

    def sums(
        self, moved: Sequence[Single], strengths: Sequence[float], y: Array, left: Single | None
    ) -> Array:
        """Fields d, dd and yd of `Moments`, shape (n_designs, 3, n_shifts).

        Parameters
        ----------
        moved : sequence of ndarray, each of shape (n_orders, n_rows)
            Responses of each block in each of its orders.
        strengths : sequence of float
            Regularisation, by design.
        y : ndarray, shape (n_shifts,)
            Sums of the responses over the test rows.
        left : ndarray, shape (n_shifts, n_test), or None
            Made by `LeftOver`.
        """
        predicted = self._predict(moved, strengths)
        drawn, n_test = self._blocks[self._fold].drawn, moved[self._fold].shape[1]
        if left is None and self._on_rows:
            left = moved[self._fold].take(drawn, axis=0)
        turned = (moved[self._fold] @ self._axes).take(drawn, axis=0)
        found = np.empty((len(self._hats), 3, len(drawn)))
        start = place = 0
        for own, hats in zip(found, self._hats, strict=True):
            stop, end = start + hats.width, place + hats.axes.shape[1]
            varying, total = predicted[:, start:stop], predicted[:, stop].astype(float)
            # A design has its own axes, or predicts the rows themselves, or nothing that varies.
            held = turned[:, place:end] if left is None or end > place else left[:, : hats.width]
            own[0] = total
            own[1] = np.vecdot(varying, varying) + total**2 / n_test
            own[2] = np.vecdot(held, varying) + y * total / n_test
            start, place = stop + 1, end
        return found

    def _predict(self, moved: Sequence[Single], strengths: Sequence[float]) -> Single:
        """Columns of the matrices of all designs side by side, shape (n_shifts, n_columns)."""
        matrices = [hats(strength) for hats, strength in zip(self._hats, strengths, strict=True)]
        tables = []
        for g in self._trained:
            own = [matrix[g] for matrix in matrices]
            beside = own[0] if len(own) == 1 else np.concatenate(own, axis=1)
            tables.append((moved[g] @ beside, self._blocks[g].drawn))
        return sum_of_rows(tables)
