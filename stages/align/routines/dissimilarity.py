"""Representational similarity analysis: which pairs of stimuli are far apart."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.stats import rankdata

from stages.align.backend import Array, Backend
from stages.align.representation import Dissimilarities, Representation
from stages.core.names.metrics import Metric
from stages.core.run.errors import InputError

Ints = NDArray[np.intp]


def dissimilarities(representation: Representation, distance: str, where: str) -> Array:
    """Dissimilarities of all pairs of rows, row by row above the diagonal.

    Parameters
    ----------
    representation : Representation
        `Dissimilarities` are taken as they are.
    distance : {"correlation", "euclidean", "cosine"}
        1 - Pearson's r over units, the Euclidean distance, or 1 - the cosine of the angle.
    where : str
        Its name, for messages.

    Returns
    -------
    ndarray, shape (n (n - 1) / 2,)

    Raises
    ------
    InputError
        If a row does not vary over units (correlation) or is all 0 (cosine).
    """
    if isinstance(representation, Dissimilarities):
        square = np.asarray(representation.values, dtype=np.float64)
        return square[np.triu_indices(len(square), 1)]
    rows = np.asarray(representation, dtype=np.float64)
    across = 0 if distance == "euclidean" else 1
    if distance != "cosine":
        rows = rows - rows.mean(axis=across, keepdims=True)
    if distance != "euclidean":
        size = np.abs(representation).max(axis=1)
        lengths = np.linalg.norm(rows, axis=1)
        flat = lengths <= 1e-7 * size if distance == "correlation" else lengths == 0
        if flat.any():
            what = f"row without variance over units, for the {distance} distance"
            raise InputError(what, where=f"{where}, row {int(flat.argmax())}")
        rows = rows / lengths[:, None]
    products = rows @ rows.T
    above = np.triu_indices(len(rows), 1)
    if distance != "euclidean":
        return 1 - products[above]
    power = np.diag(products)
    squares: Array = power[above[0]] + power[above[1]] - 2 * products[above]
    return np.sqrt(np.maximum(squares, 0))


def unit_vector(values: Array, comparison: str, where: str) -> Array:
    """Turn dissimilarities so that products are comparisons.

    Parameters
    ----------
    values : ndarray, shape (n_pairs,)
    comparison : {"pearson", "spearman", "cosine"}
    where : str
        Whose, for messages.

    Raises
    ------
    InputError
        If all pairs are equally far apart.
    """
    if comparison == "spearman":
        values = rankdata(values)
    if comparison != "cosine":
        size, values = np.abs(values).max(), values - values.mean()
        if np.abs(values).max() <= 1e-12 * size:
            raise InputError("all rows equally far apart", where=where)
    scaled: Array = values / np.linalg.norm(values)
    return scaled


def rsa(
    left: Sequence[Representation],
    right: Sequence[Representation],
    metric: Metric,
    orders: Ints,
    backend: Backend,
) -> Array:
    """Compare the dissimilarities of all pairs (Kriegeskorte et al. 2008).

    Over the n (n - 1) / 2 pairs of rows: Pearson's or Spearman's correlation, chance level 0, or
    the cosine, whose chance depends on the dissimilarities and is told by the null alone. They are
    made once, ranked, and scaled to length 1, so that one product compares all.

    Parameters
    ----------
    left, right : sequence of Representation
    metric : Metric
        Of the family `dissimilarity`.
    orders : ndarray of int, shape (n_orders, n)
        Orders of the rows of the left side; the first leaves them as they are.
    backend : Backend

    Returns
    -------
    ndarray, shape (n_left, n_right, n_orders)
    """
    n = orders.shape[1]
    pairs = n * (n - 1) // 2
    making, places = 6 * 8 * pairs, 2 * 8 * n * n
    fits = 3 * backend.chunk(
        3 * pairs * backend.itemsize,
        "the dissimilarities of three representations",
        making + places,
    )
    size = min(len(left), fits // 3)
    scores = np.empty((len(left), len(right), len(orders)))
    for some in _tiles(len(left), size):
        here = _stack(left, some, metric, "left", backend)
        for others in _tiles(len(right), fits - 2 * size):
            there = _stack(right, others, metric, "right", backend)
            for place, order in enumerate(orders):
                moved = here if place == 0 else here[:, backend.index(_moved_pairs(order))]
                scores[some, others, place] = backend.get(moved @ there.T)
    return scores


def _tiles(count: int, size: int) -> list[slice]:
    return [slice(start, min(start + size, count)) for start in range(0, count, size)]


def _stack(
    side: Sequence[Representation], some: slice, metric: Metric, name: str, backend: Backend
) -> Any:
    made = []
    for place in range(some.start, some.stop):
        where = f"{name}[{place}]"
        values = dissimilarities(side[place], metric.distance, where)
        made.append(backend.put(unit_vector(values, metric.comparison, where)))
    return backend.xp.stack(made)


def _moved_pairs(order: Ints) -> Ints:
    """Where each pair was before rows were reordered."""
    n = len(order)
    first, second = (order[rows] for rows in np.triu_indices(n, 1))
    low, high = np.minimum(first, second), np.maximum(first, second)
    places: Ints = low * n - low * (low + 1) // 2 + high - low - 1
    return places
