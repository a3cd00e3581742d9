"""Curves of agreement against the number of people, and their fit."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from stages.core.run.errors import InputError, did_you_mean

Array = NDArray[np.float64]
RISE, FAR = 0.0005, 1000  # a curve that rises by less for one more is at its end, if before so many
GRID, ROUNDS = 65, 6  # shapes looked at in each round; each zooms in on the best


@dataclass(frozen=True)
class Curve:
    """A curve y(n) = v0 · form(n, shape), which tends to its ceiling v0.

    Attributes
    ----------
    form : callable
        Of the number of others and the shape.
    low, high : float
        Shapes that are looked at; one at an end is no fit: the curve has not begun to bend.
    straight : {"low", "high"}
        The end at which the curve is not bent.
    """

    form: Callable[[Array, Array], Array]
    low: float
    high: float
    straight: str


@dataclass(frozen=True)
class Fits:
    """Curves that were fitted; both are missing where the fit failed.

    Attributes
    ----------
    ceiling, shape : ndarray, shape (n_fits,)
    """

    ceiling: Array
    shape: Array


def exponential(others: Array, tau: Array) -> Array:
    """1 - exp(-s / τ), s counting the person held out too.

    Schrimpf et al. 2021, PNAS 118:e2105646118.
    """
    grown: Array = -np.expm1(-(others + 1) / tau)
    return grown


def one_factor(others: Array, rho: Array) -> Array:
    """√(n ρ / (1 + (n - 1) ρ)): correlation of the mean of n others with that of all there are.

    Spearman and Brown's formula for people of whom any two correlate ρ.
    """
    root: Array = np.sqrt(others * rho / (1 + (others - 1) * rho))
    return root


CURVES = {
    "exponential": Curve(exponential, 0.05, 1000.0, "high"),
    "one_factor": Curve(one_factor, 1e-4, 1.0, "low"),
}


def curve(name: str) -> Curve:
    """Find a curve by its name.

    Raises
    ------
    InputError
        If there is none.
    """
    if name not in CURVES:
        raise InputError("unknown curve", got=repr(name), do=did_you_mean(name, CURVES))
    return CURVES[name]


def fit(name: str, others: Array, means: Array) -> Fits:
    """Fit curves by least squares.

    For each shape the best ceiling is known, so that only shapes are searched, on a logarithmic
    grid that is refined. Schrimpf et al. 2021 keep the ceiling between 0 and 1; here it may be
    beyond, so that a curve which has not begun to bend is a fit that failed, not a ceiling of 1.

    Parameters
    ----------
    name : str
        Of the curve.
    others : ndarray, shape (n_sizes,)
    means : ndarray, shape (n_fits, n_sizes)
        Mean value at each number of others; missing ones are left out.

    Returns
    -------
    Fits
        One fails that has fewer than two sizes, or is best where the curve is not bent.
    """
    form, weight = curve(name), np.isfinite(means).astype(float)
    values = np.where(weight > 0, means, 0.0)
    low, high = (np.full(len(means), np.log(end)) for end in (form.low, form.high))
    for _ in range(ROUNDS):
        grid = low[:, None] + (high - low)[:, None] * np.linspace(0, 1, GRID)
        error, ceiling = _errors(form, others, values, weight, np.exp(grid))
        at = error.argmin(axis=1)
        rows, step = np.arange(len(means)), (high - low) / (GRID - 1)
        best, found = grid[rows, at], ceiling[rows, at]
        low = np.maximum(best - step, np.log(form.low))
        high = np.minimum(best + step, np.log(form.high))
    straight = np.log(getattr(form, form.straight))
    failed = (np.abs(best - straight) < 1e-6) | (weight.sum(axis=1) < 2)
    return Fits(np.where(failed, np.nan, found), np.where(failed, np.nan, np.exp(best)))


def _errors(
    form: Curve, others: Array, values: Array, weight: Array, shapes: Array
) -> tuple[Array, Array]:
    """Sum of squares and best ceiling of each shape, both (n_fits, n_shapes)."""
    curves = form.form(others, shapes[..., None])
    together = np.einsum("fgs,fs->fg", curves, values)
    length = np.einsum("fgs,fs->fg", curves**2, weight)
    ceiling = together / np.maximum(length, 1e-300)
    error = ceiling**2 * length - 2 * ceiling * together
    return error, ceiling


def endpoint(name: str, ceiling: float, shape: float) -> float:
    """Smallest number of others from which one more adds less than `RISE`; missing if far off.

    Schrimpf et al. 2021 stop there.
    """
    others = np.arange(1.0, FAR + 1)
    heights = ceiling * curve(name).form(others, np.asarray(shape))
    still = np.flatnonzero(np.diff(heights) < RISE)
    return float(others[still[0]]) if len(still) else np.nan
