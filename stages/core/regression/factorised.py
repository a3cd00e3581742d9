"""A design, factorised once per set of training rows."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from stages.core.regression.block_sums import BlockSums, whole_blocks
from stages.core.regression.factors import Factors, RowFactors, SummedFactors
from stages.core.regression.folds import Split
from stages.core.regression.known import Known, fit_known
from stages.core.regression.spectrum import Spectrum, spectrum
from stages.core.regression.summed import Summed, summed

Array = NDArray[np.float64]

# A unit that varies less than this share of its largest value over the training rows is ignored:
# scaled up by its standard deviation it would dwarf all others on the test rows.
CONSTANT = 1e-7
# Sums over blocks are used where training rows are so many times the units, and a Gram matrix over
# them takes so many products.
TALL, PRODUCTS = 8, 5e8


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
        self._spectra: dict[bytes, tuple[Spectrum, Array]] = {}
        self._summed: dict[bytes, Summed | None] = {}
        n_samples, n_units = design.shape
        n_train = min(len(split.train) for split in splits)
        self._sums: BlockSums | None = None
        if n_train >= TALL * n_units and n_train * n_units**2 >= PRODUCTS:
            both = design if nuisance is None else np.hstack([design, nuisance])
            self._sums = BlockSums(both, whole_blocks(splits, n_samples))

    def __call__(self, split: Split) -> Factors:
        """Factors of a split."""
        known = None if self.nuisance is None else fit_known(self.nuisance, split)
        found = None if self._sums is None else self._from_sums(self._sums, split, known)
        if found is None:
            return self._from_rows(split, known)
        both = self.design, self.nuisance
        return SummedFactors(split, found.spectrum.power, known, *found, *both)

    def weigh(self, factors: Factors, targets: Array) -> Array:
        """Products of the components of the training rows with their targets.

        Returns
        -------
        ndarray, shape (n_components, n_targets)
        """
        train = factors.split.train
        if self._sums is None or isinstance(factors, RowFactors):
            return factors.train.T @ targets[train]
        found = self._sums.products(train, targets)
        n_units, own = self.design.shape[1], factors.spectrum
        units = found[:n_units] - factors.slopes.T @ found[n_units:]
        weighed: Array = own.axes.T @ (units / own.scale[:, None])
        return weighed

    def _from_sums(self, sums: BlockSums, split: Split, known: Known | None) -> Summed | None:
        key = split.train.tobytes()
        if key not in self._summed:
            self._summed[key] = summed(sums.over(split.train), known, self._least)
        return self._summed[key]

    def _from_rows(self, split: Split, known: Known | None) -> RowFactors:
        key = split.train.tobytes()
        if key not in self._spectra:
            rows = self.design[split.train] if known is None else known.leave_train(self.design)
            found = spectrum(rows, self._least)
            self._spectra[key] = found, found.project(rows)
        found, train = self._spectra[key]
        test = self.design[split.test] if known is None else known.leave_test(self.design)
        return RowFactors(split, found.power, known, train, found.project(test))
