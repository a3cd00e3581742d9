"""Held-out predictions of shifted responses, from tables over the distinct orders of each block."""

from collections.abc import Iterator, Sequence

import numpy as np
from numpy.typing import NDArray

from stages.core.regression.block_orders import block_orders
from stages.core.regression.device_sums import DeviceSums
from stages.core.regression.factors import Factors, RowFactors
from stages.core.regression.folds import Fold
from stages.core.regression.left_over import LeftOver, Single
from stages.core.regression.shifted_predictions import ShiftedPredictions
from stages.core.stats.backend import Backend
from stages.core.stats.scores import Moments

Array = NDArray[np.float64]
BATCH = 16  # targets whose sums are held at once


class ShiftNull:
    """Sums over the test rows for every shift of a target, without a fit per shift.

    The matrix that predicts a fold from another block of samples meets each distinct order of that
    block once; the prediction of a draw is the sum of one row of these tables per block. Products
    grow with the length of the blocks, and not with the number of draws.

    Parameters
    ----------
    folds : sequence of Fold
        Of which no two test the same sample.
    orders : ndarray of int, shape (n_shifts, n_samples)
        Shifts of the targets, as drawn by `draw_shifts`; may have no rows.
    backends : sequence of Backend
        Where products run: on those that are devices of PyTorch, in NumPy if none is. Sums over
        blocks of samples (`SummedFactors`) are NumPy's in any case.

    Raises
    ------
    InputError
        If a device may take too little memory.

    Attributes
    ----------
    blocks : list of Block
        Of samples, those that the folds test first.
    """

    def __init__(
        self, folds: Sequence[Fold], orders: NDArray[np.intp], backends: Sequence[Backend] = ()
    ) -> None:
        self.blocks = block_orders(folds, orders)
        devices = [backend for backend in backends if backend.device is not None]
        self._devices = DeviceSums(self.blocks, devices) if devices else None
        self._n_shifts = len(orders)
        self._sizes = [(len(fold.outer.train), len(fold.outer.test)) for fold in folds]
        self._trained = [
            [np.isin(block.rows, fold.outer.train) for block in self.blocks] for fold in folds
        ]

    def sums(
        self, designs: Sequence[Sequence[Factors]], lambdas: Sequence[Array], targets: Array
    ) -> Iterator[tuple[slice, list[Moments]]]:
        """Sum for every shift, a few targets at a time.

        Parameters
        ----------
        designs : sequence of sequence of Factors
            Of each design in the outer split of each fold, without the same nuisance variables, if
            any. Narrow designs are faster together.
        lambdas : sequence of ndarray, each of shape (n_folds, n_targets)
            Regularisation, by design.
        targets : ndarray, shape (n_samples, n_targets)
            Centred.

        Yields
        ------
        slice
            Columns of the targets.
        list of Moments
            Shape (n_folds, n_columns, n_shifts), one per design.
        """
        known = [one.known for one in designs[0]]
        left_over = [
            None if one is None else LeftOver(one, self.blocks, fold)
            for fold, one in enumerate(known)
        ]
        by_rows = all(isinstance(one, RowFactors) for own in designs for one in own)
        if self._devices is not None and by_rows:
            yield from self._devices.sums(designs, lambdas, targets, left_over)
            return
        predict = ShiftedPredictions(designs, lambdas, self.blocks)
        for start in range(0, targets.shape[1], BATCH):
            columns = slice(start, min(start + BATCH, targets.shape[1]))
            series = np.ascontiguousarray(targets[:, columns].T, dtype=np.float32)
            shape = (len(self._sizes), len(series), self._n_shifts)
            responses, predictions = np.empty((4, *shape)), np.empty((len(designs), 3, *shape))
            for column, values in enumerate(series):
                moved = [values.take(block.orders) for block in self.blocks]
                responses[:, :, column] = self._of_responses(moved)
                lefts = [None if one is None else one(moved) for one in left_over]
                for fold, left in enumerate(lefts):
                    if left is not None:
                        responses[1, fold, column] = left.sum(axis=1, dtype=float)
                        responses[2, fold, column] = np.vecdot(left, left)
                        responses[3, fold, column] = 0.0
                y = responses[1, :, column]
                predictions[:, :, :, column] = predict(start + column, moved, y, lefts)
            n, y, yy, base = responses
            yield columns, [Moments(n, y, yy, d, dd, yd, base) for d, dd, yd in predictions]

    def _of_responses(self, moved: list[Single]) -> Array:
        """Fields n, y, yy and base of `Moments`, shape (4, n_folds, n_shifts)."""
        found = np.zeros((4, len(self._sizes), self._n_shifts))
        sums = [part.sum(axis=1, dtype=float) for part in moved]
        for fold, (n_train, n_test) in enumerate(self._sizes):
            n, y, yy, base = found[:, fold]
            n[:], y[:] = n_test, sums[fold][self.blocks[fold].drawn]
            yy[:] = np.vecdot(moved[fold], moved[fold])[self.blocks[fold].drawn]
            for g, kept in enumerate(self._trained[fold]):
                if kept.any():
                    whole = kept.all()
                    part = sums[g] if whole else moved[g][:, kept].sum(axis=1, dtype=float)
                    base += part[self.blocks[g].drawn] / n_train
        return found
