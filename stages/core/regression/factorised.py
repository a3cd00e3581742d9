"""A design, factorised once per set of training rows."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from stages.core.regression.block_sums import BlockSums, whole_blocks
from stages.core.regression.factors import Factors, InSplit, RowFactors, SummedFactors
from stages.core.regression.folds import Rows, Split
from stages.core.regression.known import Known, fit_known
from stages.core.regression.spectrum import Spectrum, spectrum
from stages.core.regression.summed import Scaling, Summed, standardised, summed
from stages.core.regression.tridiagonal import Tridiagonal

Array = NDArray[np.float64]

# A unit that varies less than this share of its largest value over the training rows is ignored:
# scaled up by its standard deviation it would dwarf all others on the test rows.
CONSTANT = 1e-7
# Sums over blocks are used where training rows are so many times the units, and a Gram matrix over
# them takes so many products.
TALL, PRODUCTS = 8, 5e8
# So many solutions per unit cost as much without eigenvectors as with them.
MANY = 0.25
# Share of the trace of a Gram matrix, times its rows, below which a regularisation is no more than
# what rounding makes of it.
ROUNDING = 1e3 * np.finfo(float).eps


class Factorised:
    """A design in any of some splits, without what nuisance variables know.

    Where samples are many and units few, the Gram matrix of a split is put together from sums over
    blocks of samples that all splits share, and no rows are held.

    Parameters
    ----------
    design : ndarray, shape (n_samples, n_units)
    nuisance : ndarray, shape (n_samples, n_variables), or None
    splits : sequence of Split
    """

    def __init__(self, design: Array, nuisance: Array | None, splits: Sequence[Split]) -> None:
        self.design, self.nuisance = design, nuisance
        self._least = CONSTANT * np.abs(design).max(axis=0)
        self._reduced: dict[bytes, tuple[Tridiagonal, Scaling] | None] = {}
        self._spectra: dict[bytes, tuple[Spectrum, Array]] = {}
        self._summed: dict[bytes, Summed | None] = {}
        n_samples, n_units = design.shape
        n_train = min(len(split.train) for split in splits)
        self._sums: BlockSums | None = None
        if n_train >= TALL * n_units and n_train * n_units**2 >= PRODUCTS:
            self.design = design = design - design.mean(axis=0)
            both = design if nuisance is None else np.hstack([design, nuisance])
            self._sums = BlockSums(both, whole_blocks(splits, n_samples))

    def __call__(self, split: Split) -> Factors:
        """Factors of a split."""
        known = None if self.nuisance is None else fit_known(self.nuisance, split)
        found = None if self._sums is None else self._from_sums(self._sums, split, known)
        if found is None:
            return self._from_rows(split, known)
        both = self.design, self.nuisance
        return SummedFactors(split, known, found.spectrum.power, *found, *both)

    def path(self, split: Split, targets: Array, lambdas: Array) -> tuple[InSplit, Array] | None:
        """Predict the test rows at every regularisation, without factors.

        Parameters
        ----------
        split : Split
        targets : ndarray, shape (n_samples, n_targets)
        lambdas : ndarray, shape (n_lambdas,)

        Returns
        -------
        InSplit
        ndarray, shape (n_test, n_lambdas, n_targets)
            None of either where factors cost less: where no sums stand for rows, or so many
            solutions are asked for; and where a regularisation is next to nothing.
        """
        n_units, n_targets = self.design.shape[1], targets.shape[1]
        if self._sums is None or len(lambdas) * n_targets > MANY * n_units:
            return None
        known = None if self.nuisance is None else fit_known(self.nuisance, split)
        reduced = self._reduced_gram(self._sums, split, known, lambdas.min())
        if reduced is None:
            return None
        tridiagonal, own = reduced
        sides = self._products(self._sums, split, targets, own.slopes, own.scale)
        weights = tridiagonal.solve(sides, lambdas).reshape(n_units, -1) / own.scale[:, None]
        predicted = self.design[_stretch(split.test)] @ weights - own.mean @ weights
        if self.nuisance is not None:
            apart = self.nuisance[split.test] - own.middle
            predicted -= apart @ (own.slopes @ weights)
        return InSplit(split, known), predicted.reshape(-1, len(lambdas), n_targets)

    def weigh(self, factors: Factors, targets: Array) -> Array:
        """Products of the components of the training rows with their targets.

        Returns
        -------
        ndarray, shape (n_components, n_targets)
        """
        train = factors.split.train
        if self._sums is None or isinstance(factors, RowFactors):
            return factors.weigh(targets[train])
        own = factors.spectrum
        sides = self._products(self._sums, factors.split, targets, factors.slopes, own.scale)
        weighed: Array = own.axes.T @ sides
        return weighed

    def _products(
        self, sums: BlockSums, split: Split, targets: Array, slopes: Array, scale: Array
    ) -> Array:
        """Products of the standardised training rows with their targets, (n_units, n_targets)."""
        found, n_units = sums.products(split.train, targets), self.design.shape[1]
        units: Array = (found[:n_units] - slopes.T @ found[n_units:]) / scale[:, None]
        return units

    def _reduced_gram(
        self, sums: BlockSums, split: Split, known: Known | None, weakest: float
    ) -> tuple[Tridiagonal, Scaling] | None:
        key = split.train.tobytes()
        if key not in self._reduced:
            found = standardised(sums.over(split.train), known, self._least)
            self._reduced[key] = None
            if found is not None and weakest > ROUNDING * len(split.train) * np.trace(found[0]):
                self._reduced[key] = Tridiagonal(found[0]), found[1]
        return self._reduced[key]

    def _from_sums(self, sums: BlockSums, split: Split, known: Known | None) -> Summed | None:
        key = split.train.tobytes()
        if key not in self._summed:
            found = standardised(sums.over(split.train), known, self._least)
            self._summed[key] = None if found is None else summed(*found, len(split.train))
        return self._summed[key]

    def _from_rows(self, split: Split, known: Known | None) -> RowFactors:
        key = split.train.tobytes()
        if key not in self._spectra:
            rows = self.design[split.train] if known is None else known.leave_train(self.design)
            found = spectrum(rows, self._least)
            self._spectra[key] = found, found.project(rows)
        found, train = self._spectra[key]
        test = self.design[split.test] if known is None else known.leave_test(self.design)
        return RowFactors(split, known, found.power, train, found.project(test))


def _stretch(rows: Rows) -> Rows | slice:
    """Say rows that follow each other as a slice, which copies nothing."""
    first, last = int(rows[0]), int(rows[-1])
    whole = last - first + 1 == len(rows) and bool((np.diff(rows) == 1).all())
    return slice(first, last + 1) if whole else rows
