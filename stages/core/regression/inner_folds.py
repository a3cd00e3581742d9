"""The regularisation of each target, chosen in the inner folds."""

from collections.abc import Iterable

import numpy as np
from numpy.typing import NDArray

from stages.core.regression.factorised import Factorised
from stages.core.regression.factors import Factors, SummedFactors
from stages.core.regression.folds import Split
from stages.core.regression.turning import turn

Array = NDArray[np.float64]


def choose(
    factorised: Factorised, splits: Iterable[Split], targets: Array, lambdas: Array
) -> tuple[NDArray[np.intp], Array]:
    """Index of the best regularisation of each target over the splits, and its R².

    Parameters
    ----------
    factorised : Factorised
    splits : iterable of Split
    targets : ndarray, shape (n_samples, n_targets)
    lambdas : ndarray, shape (n_lambdas,)

    Returns
    -------
    best, r2 : ndarray, shape (n_targets,)
        That with the least squared error over all splits; R² is 1 less its share of the squared
        deviations from the means of the training rows, or from what is known.
    """
    errors = np.zeros((len(lambdas), targets.shape[1]))
    total = np.zeros(targets.shape[1])
    for split in splits:
        path = factorised.path(split, targets, lambdas)
        if path is not None:
            inside, predicted = path
            left = inside.left(targets) - inside.base(targets)
            errors += _squared_errors(left, predicted)
        else:
            factors = factorised(split)
            weights = factorised.weigh(factors, targets)
            left = factors.left(targets) - factors.base(targets)
            _add(errors, factors, weights, left, lambdas)
        total += sum_squares(left)
    best = errors.argmin(axis=0)
    return best, 1 - errors.min(axis=0) / np.where(total > 0, total, 1)


def _add(errors: Array, factors: Factors, weights: Array, left: Array, lambdas: Array) -> None:
    """Add the squared errors on the test rows, shape (n_lambdas, n_targets), in place."""
    power = factors.power
    strengths = power + lambdas[:, None]
    if isinstance(factors, SummedFactors) and len(lambdas) * weights.shape[1] < len(power):
        every = weights[:, None, :] / strengths.T[:, :, None]
        predicted = factors.predict(every.reshape(len(power), -1))
        errors += _squared_errors(left, predicted.reshape(len(left), *every.shape[1:]))
        return
    squares = sum_squares(left)
    axes, test = turn(factors.test, len(lambdas) * len(power))
    if len(axes):
        left = axes @ left
    errors += squares - sum_squares(left)
    for row, own in enumerate(strengths):
        errors[row] += sum_squares(left - test @ (weights / own[:, None]))


def _squared_errors(left: Array, predicted: Array) -> Array:
    """Sum over the test rows, predicted of shape (n_test, n_lambdas, n_targets)."""
    apart = left[:, None, :] - predicted
    errors: Array = np.einsum("ijk,ijk->jk", apart, apart)
    return errors


def sum_squares(values: Array) -> Array:
    """Sum squares over rows."""
    squares: Array = np.einsum("ij,ij->j", values, values)
    return squares
