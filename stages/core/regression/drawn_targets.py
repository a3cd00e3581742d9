"""Held-out scores of many draws of each target, made of a few draws of each part of the samples."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from stages.core.regression.factors import Factors
from stages.core.regression.ridge import Fit
from stages.core.stats.scores import Moments, pearson

Array = NDArray[np.float64]
Single = NDArray[np.float32]
Ints = NDArray[np.intp]


@dataclass(frozen=True)
class DrawnTargets:
    """Targets as they could have been.

    Attributes
    ----------
    series : ndarray of float32, shape (n_targets, n_variants, n_samples)
        In units of the target's standard deviation from its mean, about.
    parts : ndarray of int, shape (n_samples,)
        Number of the part that each sample is of; no split tests samples of two.
    taken : ndarray of int, shape (n_draws, n_parts)
        The variant that a draw takes in each part.
    """

    series: Single
    parts: Ints
    taken: Ints


def drawn_scores(fit: Fit, drawn: DrawnTargets) -> Array:
    """Held-out r of every draw, with the regularisation that the observed targets chose.

    A prediction is linear in its training targets, so that of a draw is the sum of what each part
    of them predicts; and sums of squares of such sums are sums of products of two parts. These
    are tables over the variants: products grow with the number of variants, and not of draws.

    Parameters
    ----------
    fit : Fit
        Of the observed targets, without nuisance variables.
    drawn : DrawnTargets

    Returns
    -------
    ndarray, shape (n_targets, n_draws)
    """
    shape = (len(fit.factors), len(drawn.series), len(drawn.taken))
    moments = Moments(*np.empty((7, *shape)))
    for fold, factors in enumerate(fit.factors):
        columns, axes = _axes(factors)
        train = np.ascontiguousarray(factors.train.T, dtype=np.float32)
        for strength in np.unique(fit.lambdas[fold]):
            same = np.flatnonzero(fit.lambdas[fold] == strength)
            hat = (columns / (factors.power + strength)).astype(np.float32) @ train
            found = _sums(hat, axes, factors, drawn, drawn.series[same])
            for values, sums in zip(vars(moments).values(), found, strict=True):
                values[fold, same] = sums
    return pearson(moments)


def _axes(factors: Factors) -> tuple[Array, Single | None]:
    """Test rows on few axes that span them, with their sum, and the axes if they are fewer."""
    rows, total = factors.test, factors.test.sum(axis=0)
    axes = None
    if rows.shape[1] < rows.shape[0]:
        turn, rows = np.linalg.qr(rows)
        axes = turn.astype(np.float32)
    return np.vstack([rows, total]), axes


def _sums(
    hat: Single, axes: Single | None, factors: Factors, drawn: DrawnTargets, series: Single
) -> tuple[Array | float, ...]:
    """Fields of `Moments` of one fold, each of shape (n_targets, n_draws)."""
    train, test = factors.split.train, factors.split.test
    held, own = series[:, :, test], drawn.taken[:, drawn.parts[test[0]]]
    parts = drawn.parts[train]
    y, yy = held.sum(axis=2, dtype=float)[:, own], np.vecdot(held, held)[:, own].astype(float)
    turned = held if axes is None else held @ axes
    base, d, dd, yd = np.zeros((4, *y.shape))
    before: list[tuple[Single, Ints]] = []
    for part in np.unique(parts):
        here, at = parts == part, drawn.taken[:, part]
        known = series[:, :, train[here]]
        flat = known.reshape(-1, known.shape[2]) @ hat[:, here].T  # one product, not one a target
        predicted = flat.reshape(*known.shape[:2], -1)
        varying = np.ascontiguousarray(predicted[..., :-1])
        base += known.sum(axis=2, dtype=float)[:, at] / len(train)
        d += predicted[..., -1][:, at]
        dd += np.vecdot(varying, varying)[:, at]
        yd += _products(turned, own, varying, at)
        for other, place in before:
            dd += 2 * _products(other, place, varying, at)
        before.append((varying, at))
    return float(len(test)), y, yy, d, dd, yd, base


def _products(one: Single, at: Ints, other: Single, place: Ints) -> Single:
    """Inner products of a variant of one and a variant of the other, shape (n_targets, n_draws)."""
    if np.array_equal(at, place):
        same: Single = np.vecdot(one, other)[:, at]
        return same
    found: Single = (one @ other.transpose(0, 2, 1))[:, at, place]
    return found
