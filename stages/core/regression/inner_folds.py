"""The regularisation of each target, chosen in the inner folds."""

from collections.abc import Iterable

import numpy as np
from numpy.typing import NDArray

from stages.core.regression.spectrum import Factors
from stages.core.regression.turning import turn

Array = NDArray[np.float64]


def choose(
    splits: Iterable[Factors], targets: Array, lambdas: Array
) -> tuple[NDArray[np.intp], Array]:
    """Index of the best regularisation of each target over the splits, and its R².

    Parameters
    ----------
    splits : iterable of Factors
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
    for factors in splits:
        power, weights = factors.power, factors.weigh(targets)
        left = factors.left(targets) - factors.base(targets)
        squares = sum_squares(left)
        axes, test = turn(factors.test, len(lambdas) * len(power))
        if len(axes):
            left = axes @ left
        total += squares
        errors += squares - sum_squares(left)
        for row, strength in enumerate(lambdas):
            errors[row] += sum_squares(left - test @ (weights / (power + strength)[:, None]))
    best = errors.argmin(axis=0)
    return best, 1 - errors.min(axis=0) / np.where(total > 0, total, 1)


def sum_squares(values: Array) -> Array:
    """Sum squares over rows."""
    squares: Array = np.einsum("ij,ij->j", values, values)
    return squares
