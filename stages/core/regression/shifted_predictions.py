"""Predictions of shifted responses from several designs, each the way that is cheaper for it."""

from collections.abc import Sequence

import numpy as np

from stages.core.regression.block_orders import Block
from stages.core.regression.factors import Factors, SummedFactors
from stages.core.regression.fold_tables import Array, FoldTables
from stages.core.regression.hats import Hats, Single
from stages.core.regression.shifted_products import ShiftedProducts


class ShiftedPredictions:
    """Several designs in all folds.

    Parameters
    ----------
    designs : sequence of sequence of Factors
        Of each design in the outer split of each fold, without the same nuisance variables, if any.
    lambdas : sequence of ndarray, each of shape (n_folds, n_targets)
        Regularisation, by design.
    blocks : sequence of Block
    """

    def __init__(
        self,
        designs: Sequence[Sequence[Factors]],
        lambdas: Sequence[Array],
        blocks: Sequence[Block],
    ) -> None:
        self._lambdas, self._shape = lambdas, (len(designs), 3, len(designs[0]))
        self._n_shifts = len(blocks[0].drawn)
        self._summed: dict[int, ShiftedProducts] = {}
        for place, own in enumerate(designs):
            summed = [one for one in own if isinstance(one, SummedFactors)]
            if len(summed) == len(own):
                self._summed[place] = ShiftedProducts(summed, blocks)
        self._others = [place for place in range(len(designs)) if place not in self._summed]
        self._tables = []
        for fold, factors in enumerate(zip(*(designs[i] for i in self._others), strict=True)):
            hats = [Hats(one, blocks, fold) for one in factors]
            self._tables.append(FoldTables(hats, blocks, fold, factors[0].split))

    def __call__(
        self, target: int, moved: Sequence[Single], y: Array, lefts: Sequence[Single | None]
    ) -> Array:
        """Fields d, dd and yd of `Moments`, shape (n_designs, 3, n_folds, n_shifts).

        Parameters
        ----------
        target : int
            Its column.
        moved : sequence of ndarray, each of shape (n_orders, n_rows)
            Responses of each block in each of its orders.
        y : ndarray, shape (n_folds, n_shifts)
            Sums of the responses over the test rows.
        lefts : sequence of ndarray, shape (n_shifts, n_test), or None
            Of each fold, made by `LeftOver` where nuisance variables are taken out.
        """
        found = np.empty((*self._shape, self._n_shifts))
        for fold, table in enumerate(self._tables):
            strengths = [float(self._lambdas[i][fold, target]) for i in self._others]
            sums = table.sums(moved, strengths, y[fold], lefts[fold])
            found[self._others, :, fold] = sums
        for place, products in self._summed.items():
            tables = products.tables(moved)
            for fold, left in enumerate(lefts):
                strength = float(self._lambdas[place][fold, target])
                found[place, :, fold] = products.sums(fold, tables, moved, strength, left)
        return found
