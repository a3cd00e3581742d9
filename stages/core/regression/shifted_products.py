"""Predictions of shifted responses from a long design, by its products with each block of them."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from stages.core.regression.block_orders import Block
from stages.core.regression.factors import SummedFactors
from stages.core.regression.left_over import Single, sum_of_rows

Array = NDArray[np.float64]


class ShiftedProducts:
    """One design of few units, whose products with the responses all folds share.

    Parameters
    ----------
    factors : sequence of SummedFactors
        In the outer split of each fold.
    blocks : sequence of Block
    """

    def __init__(self, factors: Sequence[SummedFactors], blocks: Sequence[Block]) -> None:
        whole = factors[0]
        both = [whole.design] if whole.nuisance is None else [whole.design, whole.nuisance]
        values = np.hstack([*both, np.ones((len(whole.design), 1))])
        self._mean, scale = values.mean(axis=0), values.std(axis=0)
        self._mean[-1], scale[scale == 0] = 0, 1
        self._scale = scale
        self._values = ((values - self._mean) / scale).astype(np.float32)
        self._blocks = blocks
        self._folds = [_Fold(one, blocks) for one in factors]

    def tables(self, moved: Sequence[Single]) -> list[Single]:
        """Products of each block with its responses in each order, (n_orders, n_columns)."""
        pairs = zip(moved, self._blocks, strict=True)
        return [values @ self._values[block.rows] for values, block in pairs]

    def sums(
        self,
        fold: int,
        tables: Sequence[Single],
        moved: Sequence[Single],
        strength: float,
        left: Single | None,
    ) -> Array:
        """Fields d, dd and yd of `Moments` of a fold, shape (3, n_shifts).

        Parameters
        ----------
        fold : int
        tables : sequence of ndarray
            Made by `tables` of `moved`.
        moved : sequence of ndarray, each of shape (n_orders, n_rows)
            Responses of each block in each of its orders.
        strength : float
            Regularisation.
        left : ndarray, shape (n_shifts, n_test), or None
            Responses of the test rows, where nuisance variables are taken out.
        """
        own, drawn = self._folds[fold], self._blocks[fold].drawn
        taken = []
        for g, kept in own.kept.items():
            rows = self._blocks[g].rows[kept]
            table = tables[g] if kept.all() else moved[g][:, kept] @ self._values[rows]
            taken.append((table, self._blocks[g].drawn))
        weights = own.weigh(sum_of_rows(taken) * self._scale, self._mean) / (own.power + strength)
        held = (moved[fold] @ own.test).take(drawn, axis=0) if left is None else left @ own.test
        return np.stack(
            [
                weights @ own.total,
                np.vecdot(weights @ own.squares, weights),
                np.vecdot(held, weights),
            ]
        )


class _Fold:
    """One fold of the design: its factors, and what is summed over its test rows."""

    def __init__(self, factors: SummedFactors, blocks: Sequence[Block]) -> None:
        split, test = factors.split, factors.test
        kept = [np.isin(block.rows, split.train) for block in blocks]
        self.kept = {g: rows for g, rows in enumerate(kept) if rows.any()}
        self.total, self.squares = test.sum(axis=0), test.T @ test
        self.test, self.power = test.astype(np.float32), factors.power
        self._spectrum, self._slopes = factors.spectrum, factors.slopes
        self._middle = np.concatenate([factors.spectrum.mean, factors.middle])

    def weigh(self, products: Array, mean: Array) -> Array:
        """Bring products with columns less their means to the components, (n_shifts, n_components).

        The last column of the products is the sum of the responses.
        """
        n_units = len(self._spectrum.mean)
        centred = products[:, :-1] - products[:, -1:] * (self._middle - mean[:-1])
        units = centred[:, :n_units] - centred[:, n_units:] @ self._slopes
        return units / self._spectrum.scale @ self._spectrum.axes
