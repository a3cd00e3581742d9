"""What is aligned: features of the same stimuli, or their dissimilarities."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, overload

import numpy as np
from numpy.typing import NDArray

from stages.core.names.metrics import Metric
from stages.core.run.errors import InputError

Features = NDArray[np.floating[Any]]
FEWEST_ROWS = 4  # of which a debiased kernel can be made (Song et al. 2012)


@dataclass(frozen=True)
class Dissimilarities:
    """A matrix of dissimilarities, where the features are not to be had.

    Attributes
    ----------
    values : ndarray, shape (n, n)
        Symmetric, 0 on the diagonal. Kernels take them for squared Euclidean distances, up to
        scale, as 1 - r is between standardised patterns; square Euclidean distances first.
    """

    values: Features


@dataclass(frozen=True)
class Deferred:
    """Features that are read, or made, each time that they are asked for, and not held.

    Attributes
    ----------
    shape : tuple of int
        Rows and units.
    make : callable
        Returns the same features of that shape each time, in single precision.
    beside : int
        Bytes that what they are made of takes while they are not at hand.
    """

    shape: tuple[int, int]
    make: Callable[[], Features]
    beside: int = 0


Held = Features | Dissimilarities
Featured = Features | Deferred
Representation = Held | Deferred


@overload
def at_hand(representation: Featured) -> Features: ...
@overload
def at_hand(representation: Representation) -> Held: ...
def at_hand(representation: Representation) -> Held:
    """Read or make what is deferred."""
    return representation.make() if isinstance(representation, Deferred) else representation


def check_sides(left: Sequence[Representation], right: Sequence[Representation]) -> int:
    """Check representations of the same rows.

    Returns
    -------
    int
        Number of rows.

    Raises
    ------
    InputError
        Naming the side and place of the first that is not a matrix of finite numbers, does not vary
        from row to row, is of other rows than the first, or is not a matrix of dissimilarities.
    """
    if not left or not right:
        raise InputError("nothing to align", where="left" if not left else "right")
    n = _rows(left[0])
    if n < FEWEST_ROWS:
        raise InputError("too few rows", where="left[0]", expected=f"{FEWEST_ROWS} or more", got=n)
    for side, representations in (("left", left), ("right", right)):
        for place, representation in enumerate(representations):
            _check(representation, n, f"{side}[{place}]")
    return n


def check_possible(
    left: Sequence[Representation], right: Sequence[Representation], metrics: Sequence[Metric]
) -> None:
    """Raise `InputError` if a metric needs features where there are only dissimilarities."""
    for side, representations in (("left", left), ("right", right)):
        for place, representation in enumerate(representations):
            for metric in metrics:
                if isinstance(representation, Dissimilarities) and not metric.kind.dissimilarities:
                    raise InputError(
                        f"{metric.name} needs features",
                        where=f"{side}[{place}]",
                        got="dissimilarities only",
                    )


def _rows(representation: Representation) -> int:
    if isinstance(representation, Dissimilarities):
        return len(representation.values)
    return int(representation.shape[0])


def _check(representation: Representation, n: int, where: str) -> None:
    held = at_hand(representation)
    values = held.values if isinstance(held, Dissimilarities) else held
    if values.ndim != 2 or values.shape[1] == 0:
        raise InputError("not a matrix", where=where, expected="rows × units", got=values.shape)
    if len(values) != n:
        raise InputError("other rows", where=where, expected=f"{n}, as in left[0]", got=len(values))
    bad = ~np.isfinite(values).all(axis=1)
    if bad.any():
        raise InputError("number that is not finite", where=f"{where}, row {int(bad.argmax())}")
    if isinstance(representation, Dissimilarities):
        _check_dissimilarities(values, where)
    elif np.ptp(values, axis=0).max() <= _rounding(values):
        raise InputError("representation that is the same for every row", where=where)


def _rounding(values: Features) -> float:
    """Bound what rounding alone makes of equal rows."""
    unit = np.finfo(values.dtype).eps if values.dtype.kind == "f" else 0
    return float(4 * unit * _largest(values))


def _largest(values: Features) -> float:
    """Find the largest absolute number, without a copy of all."""
    return max(abs(float(values.min())), abs(float(values.max())))


def _check_dissimilarities(values: Features, where: str) -> None:
    if values.shape[0] != values.shape[1]:
        raise InputError("dissimilarities that are not square", where=where, got=values.shape)
    slack = 1e-5 * _largest(values)
    if any(
        np.abs(row - column).max() > slack for row, column in zip(values, values.T, strict=True)
    ):
        raise InputError("dissimilarities that are not symmetric", where=where)
    if np.abs(np.diag(values)).max() > slack or values.min() < -slack:
        raise InputError("dissimilarities that are negative, or not 0 on the diagonal", where=where)
    if not values.any():
        raise InputError("dissimilarities that are all 0", where=where)
