"""What can be wrong with an array, whatever file it is in."""

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tests.chaos.trial import UnfitError

Array = NDArray[Any]
Rng = np.random.Generator
ODD = (np.nan, np.inf, -np.inf, 1e308, -1.0, 0.0, 0.5, 1e20, 2.0**31, 2.0**63)


def _one(values: Array, value: float, rng: Rng) -> Array:
    found = np.array(values, copy=True)
    if not found.size or found.dtype.kind not in "iuf":
        raise UnfitError
    if found.dtype.kind in "iu":
        found = found.astype(float)
    found.flat[rng.integers(found.size)] = value
    return found


def nan(values: Array, rng: Rng) -> Array:
    """One that is no number."""
    return _one(values, np.nan, rng)


def infinite(values: Array, rng: Rng) -> Array:
    """One that is infinite."""
    return _one(values, float(rng.choice([np.inf, -np.inf])), rng)


def odd_one(values: Array, rng: Rng) -> Array:
    """One that is negative, a fraction, or larger than any index."""
    return _one(values, float(rng.choice(ODD[3:])), rng)


def all_nan(values: Array, rng: Rng) -> Array:
    """No number at all."""
    if values.dtype.kind not in "iuf":
        raise UnfitError
    return np.full(values.shape, np.nan)


def constant(values: Array, rng: Rng) -> Array:
    """All the same."""
    if not values.size:
        raise UnfitError
    return np.full(values.shape, values.flat[0], values.dtype)


def turned(values: Array, rng: Rng) -> Array:
    """Axes the other way round."""
    if values.ndim < 2 or 1 in values.shape:
        raise UnfitError
    return values.T.copy()


def shorter(values: Array, rng: Rng) -> Array:
    """Without the last rows."""
    if values.ndim == 0 or len(values) < 2:
        raise UnfitError
    return values[: rng.integers(1, len(values))]


def none_left(values: Array, rng: Rng) -> Array:
    """Without any row."""
    return values.reshape(-1)[:0] if values.ndim == 0 else values[:0]


def flat(values: Array, rng: Rng) -> Array:
    """With one axis."""
    if values.ndim < 2:
        raise UnfitError
    return values.reshape(-1)


def deeper(values: Array, rng: Rng) -> Array:
    """With an axis more."""
    return np.repeat(values[..., None], 2, axis=-1)


def scalar(values: Array, rng: Rng) -> Array:
    """One number in place of many."""
    if values.size < 2:
        raise UnfitError
    return values.reshape(-1)[:1]


def as_text(values: Array, rng: Rng) -> Array:
    """Text in place of numbers."""
    if values.dtype.kind not in "iuf":
        raise UnfitError
    return np.array(["not a number"] * max(1, min(values.size, 5)))


def as_complex(values: Array, rng: Rng) -> Array:
    """Complex numbers."""
    if values.dtype.kind not in "iuf":
        raise UnfitError
    return values + 1j


def other_type(values: Array, rng: Rng) -> Array:
    """The same numbers in another type, if they fit."""
    if values.dtype.kind not in "iuf":
        raise UnfitError
    types = ["f8", "f4", "i4", "u2", "i8", "u1", ">f8", ">i4", "f2"]
    return values.astype(types[rng.integers(len(types))])


def shuffled(values: Array, rng: Rng) -> Array:
    """Rows in another order."""
    if values.ndim == 0 or len(values) < 2:
        raise UnfitError
    return values[rng.permutation(len(values))]


def doubled(values: Array, rng: Rng) -> Array:
    """A row in place of another."""
    if values.ndim == 0 or len(values) < 2:
        raise UnfitError
    found = np.array(values, copy=True)
    a, b = rng.choice(len(values), 2, replace=False)
    found[a] = found[b]
    return found


CHANGES: dict[str, Callable[[Array, Rng], Array]] = {
    one.__name__: one
    for one in (
        nan, infinite, odd_one, all_nan, constant, turned, shorter, none_left, flat, deeper,
        scalar, as_text, as_complex, other_type, shuffled, doubled,
    )
}  # fmt: skip
# Numbers that could have been measured so.
UNKNOWABLE = {"odd_one", "constant", "other_type", "shuffled", "doubled"}
