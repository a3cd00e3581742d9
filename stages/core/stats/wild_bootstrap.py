"""A test of a correlation over models that come in families: the wild cluster bootstrap."""

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]
# Six weights of mean 0 and variance 1, for few families, of which two signs make few patterns.
WEBB = np.sqrt(np.array([0.5, 1.0, 1.5]))
WEIGHTS = np.concatenate([-WEBB, WEBB])


def family_p(
    x: Array,
    y: Array,
    families: NDArray[np.intp],
    covariates: Array,
    *,
    draws: int,
    rng: np.random.Generator,
) -> float:
    """Two-sided p of the slope of y on x given covariates, where models of a family go together.

    What y is beyond the covariates is multiplied by one random weight per family, which keeps how
    models of one family resemble each other and undoes what x has to do with them; each time the
    slope is divided by its cluster-robust error (Cameron, Gelbach & Miller 2008, Review of
    Economics and Statistics 90:414, with the null imposed; weights of Webb 2023, Canadian Journal
    of Economics 56:839). Where one family holds most models, that error is too small, and up to
    20 % of what is unrelated has p < .05; of three families, hardly any p is small.

    Parameters
    ----------
    x, y : ndarray, shape (n_models,)
        Or their ranks.
    families : ndarray of int, shape (n_models,)
        From 0 on.
    covariates : ndarray, shape (n_models, n_covariates)
        May have no columns.
    draws : int
    rng : Generator

    Returns
    -------
    float
        (b + 1) / (draws + 1), b the draws whose t is as large as that observed.
    """
    held = _basis(np.column_stack([np.ones(len(x)), covariates]))
    left, right = (values - held @ (held.T @ values) for values in (x, y))
    member = np.equal.outer(families, np.arange(families.max() + 1)).astype(float)
    weights = rng.choice(WEIGHTS, size=(draws, member.shape[1]))
    drawn = weights[:, families] * right
    drawn -= (drawn @ held) @ held.T
    observed = _t(left, right[None], member)[0]
    beyond = np.count_nonzero(np.abs(_t(left, drawn, member)) >= abs(observed) * (1 - 1e-9))
    return float((beyond + 1) / (draws + 1))


def _t(x: Array, y: Array, member: Array) -> Array:
    """Slope of each row of y on x over its cluster-robust error, shape (n_rows,)."""
    slope = y @ x / (x @ x)
    scores = ((y - slope[:, None] * x) * x) @ member
    error = np.sqrt((scores**2).sum(axis=1)) / (x @ x)
    least = 1e-12 * np.abs(y).max(axis=1) / np.abs(x).max()
    t: Array = slope / np.maximum(error, least)
    return t


def _basis(columns: Array) -> Array:
    """Orthonormal axes of the columns, without those that add nothing."""
    largest = np.abs(columns).max(axis=0)
    scaled = columns / np.where(largest > 0, largest, 1.0)
    axes, size, _ = np.linalg.svd(scaled, full_matrices=False)
    kept: Array = axes[:, size > 1e-10 * size[0]]
    return kept
