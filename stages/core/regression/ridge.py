"""Cross-validated ridge of many targets, and its null, from one factorisation per fold."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, fields
from typing import Any

import numpy as np
from numpy.typing import NDArray

from stages.core.params.schema import Lambdas
from stages.core.regression.factorised import Factorised
from stages.core.regression.factors import Factors
from stages.core.regression.folds import Fold
from stages.core.regression.inner_folds import choose, sum_squares
from stages.core.regression.known import NOTHING
from stages.core.regression.shift_null import ShiftNull
from stages.core.run.errors import InputError
from stages.core.stats.scores import Moments

Array = NDArray[np.float64]
COLUMNS = 500  # targets that are fitted at once, to bound the memory


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
    pieces : Moments
        Shape (n_folds × n_pieces, n_targets): the same of each piece of the test rows of a fold.
    factors : tuple of Factors
        Of the design in the outer split of each fold.
    """

    lambdas: Array
    inner_r2: Array
    observed: Moments
    pieces: Moments
    factors: tuple[Factors, ...]

    def columns(self, columns: slice) -> "Fit":
        """Keep some of the targets."""
        sums = self.observed.columns(columns), self.pieces.columns(columns)
        return Fit(self.lambdas[:, columns], self.inner_r2[:, columns], *sums, self.factors)


def lambda_grid(settings: Lambdas) -> Array:
    """Regularisation strengths, strongest first, evenly spaced on a logarithmic scale."""
    return np.geomspace(settings.high, settings.low, settings.count)


def cross_validate(
    design: NDArray[np.floating],
    targets: NDArray[np.floating],
    folds: Sequence[Fold],
    lambdas: Array,
    nuisance: NDArray[np.floating] | None = None,
    *,
    pieces: int = 1,
) -> Fit:
    """Predict every target from held-out rows of a design.

    Each unit of the design is standardised on the training rows; the regularisation is chosen
    per target in the inner folds of each fold, by the least squared error. What nuisance variables
    explain of design and targets is taken out in every split, outer and inner, as its training
    rows tell: predictions and targets are then what is left beyond them.

    Parameters
    ----------
    design : ndarray, shape (n_samples, n_units)
    targets : ndarray, shape (n_samples, n_targets)
    folds : sequence of Fold
    lambdas : ndarray, shape (n_lambdas,)
        Positive, strongest first.
    nuisance : ndarray, shape (n_samples, n_variables), optional
    pieces : int
        Into which the test rows of each fold are cut, each of neighbouring rows; no more than the
        shortest fold has rows.

    Raises
    ------
    InputError
        If a value is not finite, a target is constant or explained whole by nuisance variables, or
        these are as many as the training rows.
    """
    known = None if nuisance is None else _finite(nuisance, "nuisance variables")
    splits = [split for fold in folds for split in (fold.outer, *fold.inner)]
    factorised = Factorised(_finite(design, "design"), known, splits)
    outer = tuple(factorised(fold.outer) for fold in folds)
    pieces = min(pieces, *(len(fold.outer.test) for fold in folds))
    parts: list[list[Any]] = []
    for start in range(0, targets.shape[1], COLUMNS):
        Y = _centred(targets[:, start : start + COLUMNS], start)
        choices = [choose(factorised, fold.inner, Y, lambdas) for fold in folds]
        strengths = lambdas[np.stack([best for best, _ in choices])]
        weights = [factorised.weigh(one, Y) for one in outer]
        sums = [_observe(*own, Y, pieces) for own in zip(outer, weights, strengths, strict=True)]
        joined = [*_joined([whole for whole, _ in sums]), *_joined([cut for _, cut in sums])]
        parts.append([strengths, [r2 for _, r2 in choices], *joined])
    found = [np.concatenate(values, axis=1) for values in zip(*parts, strict=True)]
    n_sums = len(fields(Moments))
    whole, cut = Moments(*found[2 : 2 + n_sums]), Moments(*found[2 + n_sums :])
    return Fit(found[0], found[1], whole, cut, outer)


def shifted(
    fits: Sequence[Fit], targets: NDArray[np.floating], null: ShiftNull
) -> Iterator[tuple[slice, list[Moments]]]:
    """Predict shifted targets from the same designs, a few targets at a time.

    The regularisation, once chosen, is kept.

    Parameters
    ----------
    fits : sequence of Fit
        Of the same targets.
    targets : ndarray, shape (n_samples, n_targets)
    null : ShiftNull
        Of the same folds.

    Yields
    ------
    slice
        Columns of the targets.
    list of Moments
        Shape (n_folds, n_columns, n_shifts), one per fit.
    """
    designs, lambdas = [fit.factors for fit in fits], [fit.lambdas for fit in fits]
    yield from null.sums(designs, lambdas, _centred(targets))


def _centred(targets: NDArray[np.floating], first: int = 0) -> Array:
    """Take the mean of every target away, the first of which is that column of all targets."""
    Y = _finite(targets, "targets")
    constant = np.ptp(Y, axis=0) == 0
    if constant.any():
        column = first + int(constant.argmax())
        raise InputError("constant target", where=f"column {column} of a ridge")
    centred: Array = Y - Y.mean(axis=0)
    return centred


def _finite(values: NDArray[np.floating], name: str) -> Array:
    if not np.isfinite(values).all():
        raise InputError("values that are not finite", where=f"the {name} of a ridge")
    return np.asarray(values, dtype=np.float64)


def _observe(
    factors: Factors, weights: Array, lambdas: Array, targets: Array, pieces: int
) -> tuple[tuple[Array, ...], tuple[Array, ...]]:
    """Fields of `Moments`, over the test rows of a fold and over each piece of them.

    Of shape (1, n_targets) and (pieces, n_targets).
    """
    left = factors.left(targets)
    predicted = factors.predict(weights / (factors.power[:, None] + lambdas))
    if factors.known is not None:
        nothing = left.std(axis=0) <= NOTHING * np.abs(targets).max(axis=0)
        if nothing.any():
            column = int(nothing.argmax())
            raise InputError(
                "target that nuisance variables explain whole", where=f"column {column} of a ridge"
            )
    base = factors.base(targets)
    whole = [row_sums(left, predicted, base)]
    if pieces == 1:
        return _stacked(whole), _stacked(whole)
    rows = zip(np.array_split(left, pieces), np.array_split(predicted, pieces), strict=True)
    return _stacked(whole), _stacked([row_sums(*piece, base) for piece in rows])


def _joined(sums: list[tuple[Array, ...]]) -> list[Array]:
    """Put each field of the sums of all folds below each other."""
    return [np.concatenate(values) for values in zip(*sums, strict=True)]


def _stacked(sums: list[tuple[Array, ...]]) -> tuple[Array, ...]:
    return tuple(map(np.stack, zip(*sums, strict=True)))


def row_sums(left: Array, predicted: Array, base: Array) -> tuple[Array, ...]:
    """Fields of `Moments` over some rows, each of shape (n_targets,).

    Parameters
    ----------
    left, predicted : ndarray, shape (n_rows, n_targets)
        Targets, without what is known, and predictions less `base`.
    base : ndarray, shape (n_targets,)
    """
    n, y, d = np.full(left.shape[1], float(len(left))), left.sum(axis=0), predicted.sum(axis=0)
    yd = np.einsum("ij,ij->j", left, predicted)
    return n, y, sum_squares(left), d, sum_squares(predicted), yd, base
