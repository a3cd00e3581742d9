"""Held-out scores without each piece of the samples, pieces being any of those that are tested."""

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from stages.core.regression.ridge import Fit, row_sums
from stages.core.stats.scores import Moments, pearson

Array = NDArray[np.float64]
Values = NDArray[np.floating]


def held_out_folds(fit: Fit, targets: Values) -> Iterator[Array]:
    """Predict the test rows of each fold, but for the mean of the training rows.

    Parameters
    ----------
    fit : Fit
        Of these targets, without nuisance variables.
    targets : ndarray, shape (n_samples, n_targets)

    Yields
    ------
    ndarray, shape (n_test, n_targets)
    """
    for factors, lambdas in zip(fit.factors, fit.lambdas, strict=True):
        train = np.asarray(targets[factors.split.train], dtype=float)
        weights = factors.weigh(train - train.mean(axis=0))
        yield factors.predict(weights / (factors.power[:, None] + lambdas))


def scores_without(fit: Fit, targets: Values, pieces: NDArray[np.intp], n: int) -> Array:
    """Score without each piece of the samples that are tested; what was fitted stays as it is.

    Parameters
    ----------
    fit : Fit
        Of these targets, without nuisance variables.
    targets : ndarray, shape (n_samples, n_targets)
    pieces : ndarray of int, shape (n_samples,)
        In which of the pieces each sample is.
    n : int
        How many pieces there are.

    Returns
    -------
    ndarray, shape (n, n_targets)
        Pearson's r.
    """
    centred, cells = targets - targets.mean(axis=0, dtype=float), []
    for factors, predicted in zip(fit.factors, held_out_folds(fit, centred), strict=True):
        left, base = centred[factors.split.test], centred[factors.split.train].mean(axis=0)
        own = pieces[factors.split.test]
        cells.append([row_sums(left[own == one], predicted[own == one], base) for one in range(n)])
    sums = np.array(cells)  # folds × pieces × fields of `Moments` × targets
    return np.stack([_without(sums, piece) for piece in range(n)])


def _without(sums: Array, piece: int) -> Array:
    """Score from sums over the other pieces of each fold that has any."""
    *fields, base = np.moveaxis(np.delete(sums, piece, axis=1), 2, 0)
    whole = [values.sum(axis=1) for values in fields]
    tested = whole[0][:, 0] > 0
    return pearson(Moments(*(values[tested] for values in (*whole, base[:, 0]))))
