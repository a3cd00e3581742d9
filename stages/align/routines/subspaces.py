"""SVCCA: angles between the leading directions of two representations."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from stages.align.representation import Featured, at_hand
from stages.align.routines.needs import DIRECTIONS, leading_need
from stages.core.run.errors import InputError
from stages.core.stats.backend import Array, Backend

Ints = NDArray[np.intp]
__all__ = ["DIRECTIONS", "leading", "svcca"]


def leading(representation: Featured, where: str) -> Array:
    """Leading left singular vectors of centred features, shape (n, DIRECTIONS).

    Columns of zeros stand for the directions that few units do not have.

    Raises
    ------
    InputError
        If there are too few rows for as many directions.
    """
    features = at_hand(representation)
    centred = np.asarray(features, dtype=np.float64)
    centred = centred - centred.mean(axis=0)
    n, width = centred.shape
    if n <= DIRECTIONS + 1:
        expected = f"more than {DIRECTIONS + 1}"
        raise InputError("too few rows for svcca", where=where, expected=expected, got=n)
    if width <= n:
        vectors, values, _ = np.linalg.svd(centred, full_matrices=False)
        power = values**2
    else:
        power, vectors = np.linalg.eigh(centred @ centred.T)
        power, vectors = power[::-1], vectors[:, ::-1]
    single = features.dtype == np.float32
    unit = np.finfo(np.float32 if single else np.float64).eps
    rounding = float(unit) * float(np.abs(features).max())
    least = max(power[0] * n * np.finfo(float).eps, features.size * rounding**2)
    real = power[:DIRECTIONS] > least
    basis = np.zeros((n, DIRECTIONS))
    basis[:, : len(real)] = vectors[:, :DIRECTIONS] * real
    return basis


def svcca(
    left: Sequence[Featured], right: Sequence[Featured], orders: Ints, backend: Backend
) -> Array:
    """Mean canonical correlation between the leading principal components.

    The mean singular value of UᵀV, with U and V the 10 leading left singular vectors of the centred
    features (Raghu et al. 2017; the number as in the released code of Huh et al. 2024, so that
    it does not grow with width). Where one side has fewer than 10 directions, the mean is over
    those. Chance falls as sqrt(10 / n); only the null tells it.

    Parameters
    ----------
    left, right : sequence of ndarray or Deferred, shape (n, p)
    orders : ndarray of int, shape (n_orders, n)
        Orders of the rows of the left side; the first leaves them as they are.
    backend : Backend

    Returns
    -------
    ndarray, shape (n_left, n_right, n_orders)
    """
    n = orders.shape[1]
    leading_need(left, right, backend).chunk(backend)
    one, other = (
        np.stack([leading(features, f"{name}[{k}]") for k, features in enumerate(side)])
        for name, side in (("left", left), ("right", right))
    )
    count = np.minimum.outer(*(side.any(axis=1).sum(axis=1) for side in (one, other)))
    stacked = backend.put(np.moveaxis(other, 1, 0).reshape(n, -1))
    scores = np.empty((len(left), len(right), len(orders)))
    for place, order in enumerate(orders):
        moved = backend.put(np.moveaxis(one[:, order], 1, 0).reshape(n, -1))
        products = backend.get(moved.T @ stacked)
        tables = products.reshape(len(left), DIRECTIONS, len(right), DIRECTIONS).swapaxes(1, 2)
        scores[..., place] = np.linalg.svd(tables, compute_uv=False).sum(axis=-1) / count
    return scores
