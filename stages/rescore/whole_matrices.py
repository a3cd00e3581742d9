"""Two sets of patterns compared by their matrices: of dissimilarities (RSA) and kernels (CKA)."""

from collections.abc import Callable, Iterable

import numpy as np
from numpy.typing import NDArray
from scipy.spatial.distance import squareform
from scipy.stats import rankdata

from stages.core.regression.folds import Split

Array = NDArray[np.float64]
FEWEST = 3  # values of a pattern, whose correlations are otherwise 1 or -1


def ranked_dissimilarities(patterns: Array) -> Array:
    """Ranks of 1 − r between all patterns, so that products of two matrices are Spearman's rho.

    Parameters
    ----------
    patterns : ndarray, shape (n_samples, n_values)
        At least three values, that are not all alike.

    Returns
    -------
    ndarray, shape (n_samples, n_samples)
        Symmetric, of diagonal 0, mean 0 and norm 1.
    """
    alike = np.atleast_2d(np.corrcoef(patterns))
    above = 1 - alike[np.triu_indices(len(patterns), 1)]
    # Digits that rounding alone tells apart are ties.
    ranks = rankdata(above.round(12))
    return _unit(squareform(ranks - ranks.mean(), checks=False))


def centred_kernel(patterns: Array) -> Array:
    """Doubly centred linear kernel, so that products are linear CKA (Kornblith et al. 2019)."""
    centred = patterns - patterns.mean(axis=0)
    return _unit(centred @ centred.T)


def debiased_kernel(patterns: Array) -> Array:
    """Linear kernel, centred so that products are debiased CKA (Song et al. 2012, eq. 5)."""
    kernel = patterns @ patterns.T
    np.fill_diagonal(kernel, 0.0)
    n = len(kernel)
    rows = kernel.sum(axis=0) / (n - 2)
    centred: Array = kernel - rows - rows[:, None] + kernel.sum() / ((n - 1) * (n - 2))
    np.fill_diagonal(centred, 0.0)
    return _unit(centred)


def _unit(matrix: Array) -> Array:
    norm = np.linalg.norm(matrix)
    found: Array = matrix / norm if norm > 0 else np.zeros_like(matrix)
    return found


def in_parts(
    make: Callable[[Array], Array], first: Array, second: Array, splits: Iterable[Split]
) -> float:
    """Compare the held-out rows of each split, and take the mean over the splits."""
    each = [(make(first[s.test]) * make(second[s.test])).sum() for s in splits]
    return float(np.mean(each))


def shifted_products(first: Array, second: Array, orders: NDArray[np.intp]) -> Array:
    """Products of one matrix with the other, whose rows are reordered; shape (n_orders,)."""
    return np.array([np.vdot(first, second[np.ix_(order, order)]) for order in orders])
