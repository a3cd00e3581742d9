"""Fewer units with the same geometry: a sparse random projection of wide layers.

Let x be the p units of a layer for one stimulus, m their mean, and R a k × p matrix of independent
entries that are ±sqrt(s / k) with probability 1 / 2s each and 0 otherwise, s = sqrt(p) (the very
sparse random projection of Li, Hastie & Church 2006, KDD). Kept are the k numbers

    y = sqrt(p / k) m 1 + sqrt(k / (k - 1)) C R (x - m 1),    C = I - 1 1' / k.

Since E[R' R] = I and, the rows of R being independent and of mean 0, E[R' 1 1' R] = k E[r r'] = I
with r one row of R, E[R' C R] = (1 - 1 / k) I. The two terms of y are orthogonal, so that for two
stimuli

    E[<y, y'>] = p m m' + <x - m 1, x' - m' 1> = <x, x'>:

inner products, and with them Euclidean distances, are those of x in expectation. The units of y
have mean sqrt(p / k) m exactly, hence their covariance is <x - m 1, x' - m' 1> / k in expectation:
the Pearson correlation of two stimuli over units is kept too, which a plain projection does not
do. The standard error of a correlation is about (1 - r²) / sqrt(k).
"""

from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array


@lru_cache(maxsize=64)
def projection_matrix(width: int, units: int, seed: int) -> csr_array:
    """Draw R: the same for all layers of one width, of any model.

    The places that are not 0 are drawn by the waiting times between them, which are geometric:
    scikit-learn's `SparseRandomProjection` draws from the same distribution row by row, a hundred
    times slower at the widths of image networks.

    Parameters
    ----------
    width, units : int
        p and k.
    seed : int

    Returns
    -------
    csr_array of float32, shape (units, width)
    """
    rng = np.random.default_rng([seed, width, units])
    density, cells = 1 / np.sqrt(width), width * units
    expected = cells * density
    # Enough waits to pass the last cell, but for a chance that is less than 1e-20.
    waits = rng.geometric(density, int(expected + 10 * np.sqrt(expected) + 100))
    places = np.cumsum(waits) - 1
    places = places[places < cells]
    signs = rng.choice(np.array([-1, 1], dtype=np.float32), len(places))
    values = signs * np.float32(1 / np.sqrt(density * units))
    rows = np.searchsorted(places, np.arange(units + 1) * width)
    shape = (units, width)
    return csr_array((values, (places % width).astype(np.int32), rows.astype(np.int32)), shape)


def project(values: Any, matrix: Any) -> Any:
    """Reduce layers to the units of a matrix: y of the module's text.

    Parameters
    ----------
    values : ndarray or Tensor of float32, shape (n_stimuli, width)
    matrix : csr_array or sparse Tensor, shape (units, width)
        Of the same library as `values`.

    Returns
    -------
    ndarray or Tensor, shape (n_stimuli, units)
    """
    units, width = matrix.shape
    means = values.mean(axis=1, keepdims=True)
    projected = (matrix @ (values - means).T).T
    projected = projected - projected.mean(axis=1, keepdims=True)
    return means * (width / units) ** 0.5 + projected * (units / (units - 1)) ** 0.5


def reduce_array(values: NDArray[np.float32], units: int, seed: int) -> NDArray[np.float32]:
    """Project an array that is wider than `units`; return another unchanged."""
    if values.shape[1] <= units:
        return values
    projected = project(values, projection_matrix(values.shape[1], units, seed))
    return np.ascontiguousarray(projected, dtype=np.float32)
