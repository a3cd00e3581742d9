"""Fits of the ridge with the sums of all their shifts, for tests of few targets."""

from dataclasses import dataclass

import numpy as np

from stages.core.regression import ridge
from stages.core.regression.ridge import Fit
from stages.core.regression.shift_null import ShiftNull
from stages.core.stats.scores import Moments


@dataclass(frozen=True)
class FitWithNull(Fit):
    """A fit, and sums of shape (n_folds, n_targets, n_shifts)."""

    null: Moments


def cross_validate_many(designs, targets, folds, lambdas, orders):
    """Fit every design, and shift the targets against all of them at once."""
    fits = [ridge.cross_validate(design, targets, folds, lambdas) for design in designs]
    batches = [sums for _, sums in ridge.shifted(fits, targets, ShiftNull(folds, orders))]
    nulls = [
        Moments(*(np.concatenate(parts, axis=1) for parts in zip(*map(_fields, own), strict=True)))
        for own in zip(*batches, strict=True)
    ]
    return [FitWithNull(**vars(fit), null=null) for fit, null in zip(fits, nulls, strict=True)]


def _fields(moments):
    return vars(moments).values()


def cross_validate(design, *arguments):
    """Fit one design."""
    return cross_validate_many([design], *arguments)[0]


def one_by_one(fit, targets, orders):
    """Sums of every draw from its own fit, in float64, with y and d taken less the target mean."""
    Y = targets - targets.mean(axis=0)
    fields = np.empty((7, len(fit.factors), targets.shape[1], len(orders)))
    for fold, own in enumerate(fit.factors):
        for target, strength in enumerate(fit.lambdas[fold]):
            weights = own.train.T / (own.power + strength)[:, None]
            for draw, order in enumerate(orders):
                y = Y[order, target]
                left, (base,) = own.left(y[:, None])[:, 0], own.base(y[:, None])
                d = own.test @ (weights @ y[own.split.train])
                sums = len(left), left.sum(), left @ left, d.sum(), d @ d, left @ d
                fields[:, fold, target, draw] = *sums, base
    return Moments(*fields)
