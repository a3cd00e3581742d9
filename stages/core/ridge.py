"""Cross-validated ridge of many targets, and its null, from one factorisation per fold."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from stages.core.errors import InputError
from stages.core.folds import Fold, Split
from stages.core.params import Lambdas
from stages.core.scores import Moments

Array = NDArray[np.float64]

# A unit that varies less than this share of its largest value over the training rows is ignored:
# scaled up by its standard deviation it would dwarf all others on the test rows.
CONSTANT = 1e-7


@dataclass(frozen=True)
class Fit:
    """Held-out predictions, summed up.

    Attributes
    ----------
    lambdas : ndarray, shape (n_folds, n_targets)
        Regularisation chosen in the inner folds of each fold.
    inner_r2 : ndarray, shape (n_folds, n_targets)
        R² over the inner folds at that regularisation.
    observed : Moments
        Shape (n_folds, n_targets).
    null : Moments
        Shape (n_folds, n_targets, n_shifts).
    """

    lambdas: Array
    inner_r2: Array
    observed: Moments
    null: Moments


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

    def covary(self, rows: Array, targets: Array) -> Array:
        """Products of the components of the training rows with their targets."""
        return self.axes.T @ (self.standardise(rows).T @ targets)


def lambda_grid(params: Lambdas) -> Array:
    """Regularisation strengths, strongest first, evenly spaced on a logarithmic scale."""
    return np.geomspace(params.high, params.low, params.count)


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


class _Factorised:
    """A design whose spectra are made once per set of training rows."""

    def __init__(self, design: Array) -> None:
        self.design = design
        self._least = CONSTANT * np.abs(design).max(axis=0)
        self._spectra: dict[bytes, Spectrum] = {}

    def spectrum(self, split: Split) -> Spectrum:
        """Factorise the training rows of a split."""
        key = split.train.tobytes()
        if key not in self._spectra:
            self._spectra[key] = spectrum(self.design[split.train], self._least)
        return self._spectra[key]

    def test(self, split: Split) -> Array:
        """Bring the test rows of a split into the axes of its training rows."""
        return self.spectrum(split).project(self.design[split.test])

    def weights(self, split: Split, targets: Array) -> Array:
        """Products of the components of the training rows with their targets."""
        return self.spectrum(split).covary(self.design[split.train], targets[split.train])


def cross_validate(
    design: NDArray[np.floating],
    targets: NDArray[np.floating],
    folds: tuple[Fold, ...],
    lambdas: Array,
    orders: NDArray[np.intp],
) -> Fit:
    """Predict every target from held-out rows, and from rows shifted against it.

    Each unit of the design is standardised on the training rows; the regularisation is chosen
    per target in the inner folds of each fold (least squared error) and, once chosen, is kept
    for the null. A prediction is linear in the training responses, y_test = H y_train
    (Hastie et al. 2009, eq. 3.44), so that one matrix H per fold and regularisation serves all
    targets and all shifts.

    Parameters
    ----------
    design : ndarray, shape (n_samples, n_units)
    targets : ndarray, shape (n_samples, n_targets)
    folds : tuple of Fold
    lambdas : ndarray, shape (n_lambdas,)
        Positive, strongest first.
    orders : ndarray of int, shape (n_shifts, n_samples)
        Shifts of the targets, as drawn by `draw_shifts`; may have no rows.

    Raises
    ------
    InputError
        If a value is not finite, or a target is constant.
    """
    X, Y = np.asarray(design, dtype=np.float64), np.asarray(targets, dtype=np.float64)
    _check(X, Y)
    Y = Y - Y.mean(axis=0)
    factorised = _Factorised(X)
    choices = [_choose(factorised, fold.inner, Y, lambdas) for fold in folds]
    chosen = np.stack([choice for choice, _ in choices])
    return Fit(
        lambdas=lambdas[chosen],
        inner_r2=np.stack([r2 for _, r2 in choices]),
        observed=_observe(factorised, folds, Y, lambdas[chosen]),
        null=_shift(factorised, folds, Y, lambdas[chosen], orders),
    )


def _check(design: Array, targets: Array) -> None:
    for name, values in (("design", design), ("targets", targets)):
        if not np.isfinite(values).all():
            raise InputError("values that are not finite", where=f"the {name} of a ridge")
    constant = np.ptp(targets, axis=0) == 0
    if constant.any():
        raise InputError("constant target", where=f"column {int(constant.argmax())} of a ridge")


def _choose(
    factorised: _Factorised, splits: tuple[Split, ...], targets: Array, lambdas: Array
) -> tuple[NDArray[np.intp], Array]:
    """Index of the best regularisation of each target over the splits, and its R²."""
    errors = np.zeros((len(lambdas), targets.shape[1]))
    total = np.zeros(targets.shape[1])
    for split in splits:
        power, test = factorised.spectrum(split).power, factorised.test(split)
        weights = factorised.weights(split, targets)
        left = targets[split.test] - targets[split.train].mean(axis=0)
        total += (left**2).sum(axis=0)
        for row, strength in enumerate(lambdas):
            residual = left - test @ (weights / (power + strength)[:, None])
            errors[row] += np.einsum("ij,ij->j", residual, residual)
    best = errors.argmin(axis=0)
    return best, 1 - errors.min(axis=0) / np.where(total > 0, total, 1)


def _observe(
    factorised: _Factorised, folds: tuple[Fold, ...], targets: Array, lambdas: Array
) -> Moments:
    """Sum over the test rows of each fold, shape (n_folds, n_targets)."""
    sums = []
    for fold, strengths in zip(folds, lambdas, strict=True):
        split = fold.outer
        power = factorised.spectrum(split).power[:, None]
        predicted = factorised.test(split) @ (
            factorised.weights(split, targets) / (power + strengths)
        )
        sums.append(_sums(targets[split.test], predicted, targets[split.train].mean(axis=0)))
    return Moments(*(np.stack(values) for values in zip(*sums, strict=True)))


def _shift(
    factorised: _Factorised,
    folds: tuple[Fold, ...],
    targets: Array,
    lambdas: Array,
    orders: NDArray[np.intp],
) -> Moments:
    """Sum for every shift of every target, shape (n_folds, n_targets, n_shifts)."""
    values = np.empty((7, len(folds), targets.shape[1], len(orders)))
    rows = np.ascontiguousarray(orders.T)
    single = np.ascontiguousarray(targets.T, dtype=np.float32)
    hats = [
        _hats(factorised, fold, np.unique(lambdas[f]), len(targets)) for f, fold in enumerate(folds)
    ]
    for target, series in enumerate(single):
        shifted = series[rows]
        for f, fold in enumerate(folds):
            predicted = hats[f][lambdas[f, target]] @ shifted
            sums = _sums(shifted[fold.outer.test], predicted[1:], predicted[0])
            values[:, f, target] = sums
    return Moments(*values)


def _hats(
    factorised: _Factorised, fold: Fold, strengths: Array, n_samples: int
) -> dict[float, NDArray[np.float32]]:
    """For each strength, the matrix from all rows to the training mean and the test predictions."""
    train, factors = fold.outer.train, factorised.spectrum(fold.outer)
    components, test = factors.project(factorised.design[train]), factorised.test(fold.outer)
    hats = {}
    for strength in strengths:
        hat = np.zeros((1 + len(test), n_samples), dtype=np.float32)
        hat[0, train] = 1 / len(train)
        hat[1:, train] = (test / (factors.power + strength)) @ components.T
        hats[float(strength)] = hat
    return hats


def _sums(
    left: NDArray[np.floating], predicted: NDArray[np.floating], base: NDArray[np.floating]
) -> tuple[NDArray[np.floating], ...]:
    """Fields of `Moments`, summed over rows, in order."""
    return (
        np.full(left.shape[1], float(len(left))),
        left.sum(axis=0, dtype=float),
        np.einsum("ij,ij->j", left, left),
        predicted.sum(axis=0, dtype=float),
        np.einsum("ij,ij->j", predicted, predicted),
        np.einsum("ij,ij->j", left, predicted),
        base,
    )
