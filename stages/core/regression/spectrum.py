"""Training rows of a design in the axes of their principal components."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from stages.core.regression.folds import Split
from stages.core.regression.known import Known, fit_known

Array = NDArray[np.float64]

# A unit that varies less than this share of its largest value over the training rows is ignored:
# scaled up by its standard deviation it would dwarf all others on the test rows.
CONSTANT = 1e-7


@dataclass(frozen=True)
class Spectrum:
    """A standardised training design in the axes of its principal components.

    Attributes
    ----------
    mean, scale : ndarray, shape (n_units,)
        Of the training rows; a unit that counts as constant there has scale infinity.
    axes : ndarray, shape (n_units, n_components)
    power : ndarray, shape (n_components,)
        Squared singular values.
    """

    mean: Array
    scale: Array
    axes: Array
    power: Array

    def standardise(self, rows: Array) -> Array:
        """Scale rows as the training rows are scaled."""
        scaled: Array = (rows - self.mean) / self.scale
        return scaled

    def project(self, rows: Array) -> Array:
        """Bring rows into the axes of the components."""
        return self.standardise(rows) @ self.axes


def spectrum(rows: Array, least: Array) -> Spectrum:
    """Factorise training rows through the smaller of their two Gram matrices.

    Parameters
    ----------
    rows : ndarray, shape (n_train, n_units)
    least : ndarray, shape (n_units,)
        Standard deviations up to which a unit counts as constant.
    """
    mean, scale = rows.mean(axis=0), rows.std(axis=0)
    scale[scale <= least] = np.inf
    standard = (rows - mean) / scale
    tall = rows.shape[0] >= rows.shape[1]
    power, vectors = np.linalg.eigh(standard.T @ standard if tall else standard @ standard.T)
    keep = power > power[-1] * max(rows.shape) * np.finfo(float).eps
    power, vectors = power[keep], vectors[:, keep]
    axes = vectors if tall else standard.T @ (vectors / np.sqrt(power))
    return Spectrum(mean, scale, axes, power)


@dataclass(frozen=True)
class Factors:
    """A design in one split, all that a ridge needs of it.

    Attributes
    ----------
    split : Split
    power : ndarray, shape (n_components,)
        Squared singular values of the standardised training rows.
    train, test : ndarray, shape (n_rows, n_components)
        The rows of either side in the axes of the components of the training rows.
    known : Known or None
        What was taken out of the rows first, and is of the targets.
    """

    split: Split
    power: Array
    train: Array
    test: Array
    known: Known | None = None

    def weigh(self, targets: Array) -> Array:
        """Products of the components of the training rows with their targets."""
        return self.train.T @ targets[self.split.train]

    def left(self, targets: Array) -> Array:
        """Test rows of the targets, without what is known, shape (n_test, n_targets)."""
        return targets[self.split.test] if self.known is None else self.known.leave_test(targets)

    def base(self, targets: Array) -> Array:
        """Mean of the training rows of the targets, without what is known, shape (n_targets,)."""
        means: Array = targets[self.split.train].mean(axis=0)
        return means if self.known is None else np.zeros_like(means)


class Factorised:
    """A design, factorised once per set of training rows, without what nuisance variables know."""

    def __init__(self, design: Array, nuisance: Array | None = None) -> None:
        self.design, self.nuisance = design, nuisance
        self._least = CONSTANT * np.abs(design).max(axis=0)
        self._spectra: dict[bytes, tuple[Spectrum, Array]] = {}

    def __call__(self, split: Split) -> Factors:
        """Factors of a split."""
        known = None if self.nuisance is None else fit_known(self.nuisance, split)
        key = split.train.tobytes()
        if key not in self._spectra:
            rows = self.design[split.train] if known is None else known.leave_train(self.design)
            found = spectrum(rows, self._least)
            self._spectra[key] = found, found.project(rows)
        found, train = self._spectra[key]
        test = self.design[split.test] if known is None else known.leave_test(self.design)
        return Factors(split, found.power, train, found.project(test), known)
