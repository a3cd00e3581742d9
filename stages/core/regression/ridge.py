"""Cross-validated ridge of many targets, and its null, from one factorisation per fold."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from stages.core.params.schema import Lambdas
from stages.core.regression.folds import Fold, Split
from stages.core.run.errors import InputError
from stages.core.stats.scores import Moments

Array = NDArray[np.float64]
Single = NDArray[np.float32]
Sums = tuple[NDArray[np.floating], ...]

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


def lambda_grid(settings: Lambdas) -> Array:
    """Regularisation strengths, strongest first, evenly spaced on a logarithmic scale."""
    return np.geomspace(settings.high, settings.low, settings.count)


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
    """Predict every target from one design, as `cross_validate_many` does from several.

    Parameters
    ----------
    design : ndarray, shape (n_samples, n_units)
    targets, folds, lambdas, orders
        As there.
    """
    (fit,) = cross_validate_many([design], targets, folds, lambdas, orders)
    return fit


def cross_validate_many(
    designs: Sequence[NDArray[np.floating]],
    targets: NDArray[np.floating],
    folds: tuple[Fold, ...],
    lambdas: Array,
    orders: NDArray[np.intp],
) -> list[Fit]:
    """Predict every target from held-out rows of each design, and from rows shifted against it.

    Each unit of a design is standardised on the training rows; the regularisation is chosen
    per target in the inner folds of each fold (least squared error) and, once chosen, is kept
    for the null. A prediction is linear in the training responses, y_test = H y_train
    (Hastie et al. 2009, eq. 3.44), so that one matrix H per fold and regularisation serves all
    targets and all shifts. The predictions of a design with few components span few axes of the
    test rows; they are then made on these axes, which leaves the sums over the rows as they are.

    Parameters
    ----------
    designs : sequence of ndarray, each of shape (n_samples, n_units)
        Each is fitted by itself, but they share the shifted targets and the products with them,
        where narrow designs lose most time. The nulls of all are held at once: three float64 per
        design, fold, target and shift.
    targets : ndarray, shape (n_samples, n_targets)
    folds : tuple of Fold
    lambdas : ndarray, shape (n_lambdas,)
        Positive, strongest first.
    orders : ndarray of int, shape (n_shifts, n_samples)
        Shifts of the targets, as drawn by `draw_shifts`; may have no rows.

    Returns
    -------
    list of Fit
        One per design.

    Raises
    ------
    InputError
        If a value is not finite, or a target is constant.
    """
    Y = _finite(targets, "targets")
    constant = np.ptp(Y, axis=0) == 0
    if constant.any():
        raise InputError("constant target", where=f"column {int(constant.argmax())} of a ridge")
    Y = Y - Y.mean(axis=0)
    factorised = [_Factorised(_finite(design, "design")) for design in designs]
    choices = [[_choose(design, fold.inner, Y, lambdas) for fold in folds] for design in factorised]
    chosen = [lambdas[np.stack([best for best, _ in choice])] for choice in choices]
    return [
        Fit(
            lambdas=strengths,
            inner_r2=np.stack([r2 for _, r2 in choice]),
            observed=_observe(design, folds, Y, strengths),
            null=null,
        )
        for design, choice, strengths, null in zip(
            factorised, choices, chosen, _shift(factorised, folds, Y, chosen, orders), strict=True
        )
    ]


def _finite(values: NDArray[np.floating], name: str) -> Array:
    if not np.isfinite(values).all():
        raise InputError("values that are not finite", where=f"the {name} of a ridge")
    return np.asarray(values, dtype=np.float64)


def _turn(test: Array, cost: int) -> tuple[Array, Array]:
    """Axes of the test rows that span all predictions, and the test rows on them.

    To turn a column of responses takes a product per axis and row, and spares `cost` products per
    row in excess of the axes. There are no axes, and the rows stay, where that does not pay.
    """
    n_test, n_components = test.shape
    if n_components == 0 or n_components * n_test >= (n_test - n_components) * cost:
        return np.empty((0, n_test)), test
    axes, turned = np.linalg.qr(test)
    return axes.T, turned


def _choose(
    design: _Factorised, splits: tuple[Split, ...], targets: Array, lambdas: Array
) -> tuple[NDArray[np.intp], Array]:
    """Index of the best regularisation of each target over the splits, and its R²."""
    errors = np.zeros((len(lambdas), targets.shape[1]))
    total = np.zeros(targets.shape[1])
    for split in splits:
        power, weights = design.spectrum(split).power, design.weights(split, targets)
        left = targets[split.test] - targets[split.train].mean(axis=0)
        squares = _squares(left)
        axes, test = _turn(design.test(split), len(lambdas) * len(power))
        if len(axes):
            left = axes @ left
        total += squares
        errors += squares - _squares(left)
        for row, strength in enumerate(lambdas):
            errors[row] += _squares(left - test @ (weights / (power + strength)[:, None]))
    best = errors.argmin(axis=0)
    return best, 1 - errors.min(axis=0) / np.where(total > 0, total, 1)


def _squares(values: NDArray[np.floating]) -> NDArray[np.floating]:
    """Sum squares over rows."""
    squares: NDArray[np.floating] = np.einsum("ij,ij->j", values, values)
    return squares


def _observe(
    design: _Factorised, folds: tuple[Fold, ...], targets: Array, lambdas: Array
) -> Moments:
    """Sum over the test rows of each fold, shape (n_folds, n_targets)."""
    sums = []
    for fold, strengths in zip(folds, lambdas, strict=True):
        split = fold.outer
        power, weights = design.spectrum(split).power[:, None], design.weights(split, targets)
        predicted = design.test(split) @ (weights / (power + strengths))
        left, base = targets[split.test], targets[split.train].mean(axis=0)
        predictions = _of_predictions(np.ones(len(left)), left, predicted)
        sums.append((*_of_responses(left), *predictions, base))
    return Moments(*(np.stack(values) for values in zip(*sums, strict=True)))


@dataclass(frozen=True)
class _Predictor:
    """One design in one fold, from the training responses to the predictions.

    Attributes
    ----------
    axes : ndarray, shape (n_axes, n_test)
        Of the test rows; none where the predictions are on the rows themselves.
    ones : ndarray, shape (n_rows,)
        A column of ones, turned like the predictions: their product is the sum over the test rows.
    hats : dict of float to ndarray, shape (n_rows, n_train)
        By regularisation, the matrix H; n_rows is n_axes or n_test.
    """

    axes: Single
    ones: Single
    hats: dict[float, Single]


def _predictor(design: _Factorised, split: Split, strengths: Array) -> _Predictor:
    factors, n_train = design.spectrum(split), len(split.train)
    components = factors.project(design.design[split.train])
    axes, test = _turn(design.test(split), n_train)
    ones = axes.sum(axis=1) if len(axes) else np.ones(len(test))
    hats = {
        float(strength): _single((test / (factors.power + strength)) @ components.T)
        for strength in np.unique(strengths)
    }
    return _Predictor(_single(axes), _single(ones), hats)


def _single(values: Array) -> Single:
    return np.ascontiguousarray(values, dtype=np.float32)


def _shift(
    factorised: list[_Factorised],
    folds: tuple[Fold, ...],
    targets: Array,
    lambdas: list[Array],
    orders: NDArray[np.intp],
) -> list[Moments]:
    """Sum for every shift of every target and design, shape (n_folds, n_targets, n_shifts)."""
    shape = (len(folds), targets.shape[1], len(orders))
    responses, predictions = np.empty((4, *shape)), np.empty((len(factorised), 3, *shape))
    predictors = [
        [
            _predictor(design, fold.outer, strengths[f])
            for design, strengths in zip(factorised, lambdas, strict=True)
        ]
        for f, fold in enumerate(folds)
    ]
    rows = np.ascontiguousarray(orders.T)
    for target, series in enumerate(_single(targets.T)):
        shifted = series[rows]
        for f, fold in enumerate(folds):
            strengths = [own[f, target] for own in lambdas]
            sums = _predict(predictors[f], strengths, shifted, fold.outer)
            responses[:, f, target], predictions[:, :, f, target] = sums
    n, y, yy, base = responses
    return [Moments(n, y, yy, d, dd, yd, base) for d, dd, yd in predictions]


def _predict(
    predictors: list[_Predictor], strengths: list[float], shifted: Single, split: Split
) -> tuple[Sums, list[Sums]]:
    """Fields n, y, yy and base of `Moments` for one target, and d, dd and yd of each design."""
    train, left = shifted[split.train], shifted[split.test]
    mean = np.full((1, len(train)), 1 / len(train), dtype=np.float32)
    hats = [own.hats[strength] for own, strength in zip(predictors, strengths, strict=True)]
    base, *predicted = _stacked([mean, *hats], train)
    turned = _stacked([own.axes for own in predictors], left)
    predictions = [
        _of_predictions(own.ones, held if len(held) else left, found)
        for own, held, found in zip(predictors, turned, predicted, strict=True)
    ]
    return (*_of_responses(left), base[0]), predictions


def _stacked(matrices: list[Single], columns: Single) -> list[Single]:
    """Multiply several matrices with the same columns, in one product."""
    ends = np.cumsum([len(matrix) for matrix in matrices])[:-1]
    return np.split(np.concatenate(matrices) @ columns, ends)


def _of_responses(left: NDArray[np.floating]) -> Sums:
    """Fields n, y and yy of `Moments`, summed over rows."""
    count = np.full(left.shape[1], float(len(left)))
    return count, left.sum(axis=0, dtype=float), _squares(left)


def _of_predictions(
    ones: NDArray[np.floating], left: NDArray[np.floating], predicted: NDArray[np.floating]
) -> Sums:
    """Fields d, dd and yd of `Moments`, summed over rows or over axes of the rows."""
    return ones @ predicted, _squares(predicted), np.einsum("ij,ij->j", left, predicted)
