"""A design in one split, all that a ridge needs of it: from rows, or from sums over blocks."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from stages.core.regression.folds import Rows, Split
from stages.core.regression.known import Known
from stages.core.regression.spectrum import Spectrum

Array = NDArray[np.float64]


@dataclass(frozen=True)
class InSplit:
    """What a split says of the targets.

    Attributes
    ----------
    split : Split
    known : Known or None
        What was taken out of the rows first, and is of the targets.
    """

    split: Split
    known: Known | None

    def left(self, targets: Array) -> Array:
        """Test rows of the targets, without what is known, shape (n_test, n_targets)."""
        return targets[self.split.test] if self.known is None else self.known.leave_test(targets)

    def base(self, targets: Array) -> Array:
        """Mean of the training rows of the targets, without what is known, shape (n_targets,)."""
        means: Array = targets[self.split.train].mean(axis=0)
        return means if self.known is None else np.zeros_like(means)


@dataclass(frozen=True)
class RowFactors(InSplit):
    """A design in one split, with its rows.

    Attributes
    ----------
    power : ndarray, shape (n_components,)
        Squared singular values of the standardised training rows of the design.
    train, test : ndarray, shape (n_rows, n_components)
        The rows of either side in the axes of the components of the training rows.
    """

    power: Array
    train: Array
    test: Array

    def weigh(self, targets: Array) -> Array:
        """Products of the components with training rows of targets, (n_components, n_targets)."""
        return self.train.T @ targets

    def predict(self, weights: Array) -> Array:
        """Predict the test rows, from weights of the components."""
        return self.test @ weights


@dataclass(frozen=True)
class SummedFactors(InSplit):
    """A design in one split, whose rows are made when they are asked for.

    Attributes
    ----------
    power : ndarray, shape (n_components,)
        Squared singular values of the standardised training rows of the design.
    spectrum : Spectrum
        Its scale is of what nuisance variables leave.
    middle : ndarray, shape (n_variables,)
        Mean of the nuisance variables, if any, over the training rows.
    slopes : ndarray, shape (n_variables, n_units)
        Of the units on them.
    design : ndarray, shape (n_samples, n_units)
    nuisance : ndarray, shape (n_samples, n_variables), or None
    """

    power: Array
    spectrum: Spectrum
    middle: Array
    slopes: Array
    design: Array
    nuisance: Array | None

    def standardise(self, rows: Rows) -> Array:
        """Scale rows of the design as the training rows are scaled, without what is known."""
        left: Array = self.design[rows] - self.spectrum.mean
        if self.nuisance is not None:
            left -= (self.nuisance[rows] - self.middle) @ self.slopes
        left /= self.spectrum.scale
        return left

    @property
    def train(self) -> Array:
        """Training rows in the axes of the components, shape (n_train, n_components)."""
        return self.standardise(self.split.train) @ self.spectrum.axes

    @property
    def test(self) -> Array:
        """Test rows in the axes of the components, shape (n_test, n_components)."""
        return self.standardise(self.split.test) @ self.spectrum.axes

    def weigh(self, targets: Array) -> Array:
        """Products of the components with training rows of targets, (n_components, n_targets)."""
        return self.spectrum.axes.T @ (self.standardise(self.split.train).T @ targets)

    def predict(self, weights: Array) -> Array:
        """Predict the test rows, from weights of the components."""
        return self.standardise(self.split.test) @ (self.spectrum.axes @ weights)


Factors = RowFactors | SummedFactors
