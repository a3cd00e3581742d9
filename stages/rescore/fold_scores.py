"""Correlations fold by fold, then averaged: of least squares without a penalty, and of ridge."""

from collections.abc import Iterable, Sequence

import numpy as np
from numpy.typing import NDArray

from stages.core.regression.folds import Fold, Split
from stages.core.regression.ridge import cross_validate

Array = NDArray[np.float64]
STILL = 1e-10  # share of the responses' variance below which a prediction does not vary


def least_squares(design: Array, targets: Array, splits: Iterable[Split]) -> Array:
    """Correlate held-out responses with predictions of ordinary least squares.

    With an intercept and neither scaling nor penalty; of many solutions, as there are where units
    are more than samples, the one of least norm (Schrimpf et al. 2021).

    Parameters
    ----------
    design : ndarray, shape (n_samples, n_units)
    targets : ndarray, shape (n_samples, n_targets)
    splits : iterable of Split

    Returns
    -------
    ndarray, shape (n_targets,)
        Means over the splits.
    """
    r: Array = np.mean([_fitted(design, targets, split) for split in splits], axis=0)
    return r


def _fitted(design: Array, targets: Array, split: Split) -> Array:
    mean, base = design[split.train].mean(axis=0), targets[split.train].mean(axis=0)
    rows, known = design[split.train] - mean, targets[split.train] - base
    weights = np.linalg.lstsq(rows, known, rcond=None)[0]
    return correlations((design[split.test] - mean) @ weights, targets[split.test])


def ridge(design: Array, targets: Array, folds: Sequence[Fold], lambdas: Array) -> Array:
    """Correlate held-out responses with predictions of ridge regression.

    As `least_squares`, but for units that are standardised and a penalty that the inner folds
    choose.
    """
    sums = cross_validate(design, targets, folds, lambdas).observed
    both = sums.yd - sums.y * sums.d / sums.n
    own, predicted = sums.yy - sums.y**2 / sums.n, sums.dd - sums.d**2 / sums.n
    r: Array = _quotient(both, own, predicted).mean(axis=0)
    return r


def correlations(predicted: Array, observed: Array) -> Array:
    """Correlate each column with its like; 0 where a prediction does not vary."""
    p, y = predicted - predicted.mean(axis=0), observed - observed.mean(axis=0)
    return _quotient((p * y).sum(axis=0), (y**2).sum(axis=0), (p**2).sum(axis=0))


def _quotient(both: Array, own: Array, predicted: Array) -> Array:
    varies = (predicted > STILL * own) & (own > 0)
    r: Array = np.where(varies, both, 0.0) / np.sqrt(np.where(varies, own * predicted, 1.0))
    return r
