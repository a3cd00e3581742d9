"""Nearest neighbours: found once per representation, compared for all pairs at once."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from stages.align.representation import (
    Dissimilarities,
    Features,
    Held,
    Representation,
    at_hand,
)
from stages.align.routines.arrows import Neighbours
from stages.align.routines.equals import Equals, gather_equals, join_equals
from stages.align.routines.local_kernels import cknna
from stages.align.routines.mirrored import WIDE, far_from_all, mirrored
from stages.align.routines.needs import Need, finding_need, size_of
from stages.align.routines.neighbour_sets import count_common
from stages.align.routines.squared import AT_ONCE, spread
from stages.align.routines.tied_sets import share_ties
from stages.align.routines.ties import ROUNDING, Bits, Ties
from stages.core.names.metrics import Metric
from stages.core.run.errors import InputError
from stages.core.stats.backend import FEWEST_ROWS, Array, Backend

__all__ = ["Neighbours", "compare_neighbours", "find_neighbours"]

Ints = NDArray[np.intp]
Nearest = tuple[Ints, Features, Equals | None]  # columns, their numbers, and those that are tied
POSITIVE, LOW = 2**31 - 1, 2**32 - 1  # bits of a number without its sign, and of half an integer
FEWEST_GROUPS, LARGEST_GROUP = 4, 64  # of columns: how many for each neighbour, and how large


def find_neighbours(
    representation: Representation,
    k: int,
    where: str,
    backend: Backend,
    names: Bits | None = None,
) -> Neighbours:
    """Find the k nearest neighbours of every row; of equally near ones, those of `Ties`.

    Features are near by cosine similarity, the inner product of rows of length 1, as in
    Huh et al. (2024), of features that are not centred. Few are compared in double precision
    whatever the backend's, so that rounding passes for no difference.

    Parameters
    ----------
    representation : Representation
    k : int
    where : str
        Its name, for messages.
    backend : Backend
    names : ndarray of uint64, shape (n,), or None
        Of the rows; see `Ties`.

    Raises
    ------
    InputError
        If a row of features is all 0, and so has no direction.
    """
    n, _ = size_of(representation)
    held = at_hand(representation)
    is_rdm = isinstance(held, Dissimilarities)
    rows, likeness = np.empty((n, k), dtype=np.int32), np.ones((n, k), dtype=backend.dtype)
    backend = backend.precise(n)
    need = finding_need(representation, k, backend)
    source, largest = _source(held, where, backend)
    equals: list[Equals | None] = []
    ties = Ties(held, names, ROUNDING * backend.eps * largest)
    whole = source if is_rdm else _held(source, need, backend)
    for block in need.blocks(n, backend):
        far = far_from_all(source[block], source) if whole is None else whole[block].copy()
        own = np.arange(len(far)), np.arange(block.start, block.stop)
        far[own] = np.inf
        rows[block], near, tied = _nearest(far, k, np.arange(n)[block], ties, backend)
        equals.append(tied)
        if not is_rdm:
            likeness[block] = 1 - backend.host(source[block, -1:]) - near
    return Neighbours(rows, likeness, join_equals(equals))


def _source(representation: Held, where: str, backend: Backend) -> tuple[Any, float]:
    """Dissimilarities, or rows of length 1; and the largest number that they are compared by."""
    if isinstance(representation, Dissimilarities):
        values = np.asarray(representation.values, dtype=backend.dtype)
        return values, float(values.max())
    rows = _unit_rows(representation, where, backend.dtype)
    return backend.put(rows), 2 * float(rows[:, -1].max())


def _held(source: Any, need: Need, backend: Backend) -> Any:
    """Make the distances of all rows at once, where that is quicker and memory holds them."""
    n, width = source.shape
    if backend.device is not None or width <= WIDE:
        return None
    rows = min(n, FEWEST_ROWS)
    fits = need.fixed + rows * need.each + n * n * backend.itemsize <= backend.memory
    return mirrored(source) if fits and n > FEWEST_ROWS else None


def _nearest(far: Any, k: int, rows: Ints, ties: Ties, backend: Backend) -> Nearest:
    if isinstance(far, np.ndarray):
        return _smallest(far, k, rows, ties)
    return _on_device(far, k, rows, ties, backend)


def _unit_rows(features: Features, where: str, dtype: str) -> Features:
    """Turn rows to length 1 and about centre them; half the square of what is left comes last.

    Likeness is then 1 less half a squared distance, which rounding leaves even where all rows have
    nearly the same direction.
    """
    n, width = features.shape
    made = np.empty((n, width + 1), dtype=dtype)
    centre = _normalised(features, spread(n, AT_ONCE), where).mean(axis=0)
    for start in range(0, n, AT_ONCE):
        rows = np.arange(start, min(start + AT_ONCE, n))
        centred = _normalised(features, rows, where) - centre
        made[rows, :-1] = centred
        made[rows, -1] = np.square(centred).sum(axis=1) / 2
    return made


def _normalised(features: Features, some: Ints, where: str) -> Array:
    """Turn some rows to length 1, in double precision."""
    rows = features[some].astype(np.float64)
    lengths = np.linalg.norm(rows, axis=1, keepdims=True)
    if not lengths.all():
        raise InputError("row of zeros", where=f"{where}, row {int(some[lengths.argmin()])}")
    made: Array = rows / lengths
    return made


def _smallest(far: Features, k: int, rows: Ints, ties: Ties) -> Nearest:
    """Find the columns of the k smallest numbers of each row, in order, and those tied with them.

    Parameters
    ----------
    far : ndarray, shape (n_rows, n)
    k : int
    rows : ndarray of int, shape (n_rows,)
        Which they are of all.
    ties : Ties
    """
    count, n = far.shape
    flat = np.flatnonzero(far <= _bound(far, k) + far.dtype.type(ties.slack))
    row = flat // n
    columns, values = flat - row * n, far.ravel()[flat]
    if len(flat) == count * k:
        values, columns = values.reshape(count, k), columns.reshape(count, k)
    else:
        many = np.bincount(row, minlength=count)
        place = np.arange(len(flat)) - np.repeat(np.cumsum(many) - many, many)
        values, found = np.full((count, many.max()), np.inf, dtype=far.dtype), values
        columns, numbers = np.zeros(values.shape, dtype=np.intp), columns
        values[row, place], columns[row, place] = found, numbers
    columns, values = _sorted(values, columns)
    wide = (values <= values[:, k - 1 : k] + ties.slack).sum(axis=1).max()
    columns, values = columns[:, :wide], values[:, :wide]
    some, groups = ties.sort(rows, columns, values)
    equals = gather_equals(rows[some], columns[some], groups, k)
    return columns[:, :k], values[:, :k], equals


def _sorted(values: Features, columns: Ints) -> tuple[Ints, Features]:
    """Sort the numbers of each row, and the columns with them."""
    if values.dtype == np.float32:
        return _sorted_as_integers(values, columns)
    order = np.argsort(values, axis=1, kind="stable")
    return np.take_along_axis(columns, order, axis=1), np.take_along_axis(values, order, axis=1)


def _sorted_as_integers(values: Features, columns: Ints) -> tuple[Ints, Features]:
    """Sort numbers and, where these are equal, columns: both at once, as digits of one integer.

    The bits of a negative number, taken for an integer, ascend as the number falls.
    """
    keys = (values + np.float32(0)).view(np.int32).astype(np.int64)
    keys ^= (keys >> 32) & POSITIVE
    keys = np.sort((keys << 32) | columns, axis=1)
    numbers = keys >> 32
    numbers ^= (numbers >> 32) & POSITIVE
    return keys & LOW, numbers.astype(np.int32).view(np.float32)


def _bound(far: Features, k: int) -> Features:
    """Bound the k-th smallest number of each row from above, closely, shape (n_rows, 1).

    Of many columns, by the k-th smallest of the least numbers of groups of columns.
    """
    groups = max(FEWEST_GROUPS * k, far.shape[1] // LARGEST_GROUP)
    least = far
    if 2 * groups <= far.shape[1]:
        least = far[:, :groups].copy()
        for start in range(groups, far.shape[1] - groups + 1, groups):
            np.minimum(least, far[:, start : start + groups], out=least)
    bound: Features = np.partition(least, k - 1, axis=1)[:, k - 1 : k]
    return bound


def _on_device(far: Any, k: int, rows: Ints, ties: Ties, backend: Backend) -> Nearest:
    """As `_smallest`, where only the k smallest, and rows with ties, leave the device."""
    values, columns = backend.xp.topk(far, min(k + 1, far.shape[1]), largest=False)
    tied: Any = backend.host((values[:, 1:] <= values[:, :-1] + ties.slack).any(1))
    found: Any = backend.host(columns[:, :k]).copy()
    near = backend.host(values[:, :k]).copy()
    equals = None
    if tied.any():
        some = backend.host(far[backend.mask(tied)])
        found[tied], near[tied], equals = _smallest(some, k, rows[tied], ties)
    return found, near, equals


def compare_neighbours(
    left: Sequence[Neighbours],
    right: Sequence[Neighbours],
    metrics: Sequence[Metric],
    orders: Ints,
    backend: Backend,
) -> dict[str, Array]:
    """Compare the neighbours of all pairs: `mutual_knn`, `cycle_knn` and `cknna`.

    Of `mutual_knn`, ties are taken in all orders, else in that of `Ties`.

    Parameters
    ----------
    left, right : sequence of Neighbours
    metrics : sequence of Metric
        Of the family `graph`.
    orders : ndarray of int, shape (n_orders, n)
        Orders of the rows of the left side; the first leaves them as they are.
    backend : Backend

    Returns
    -------
    dict of ndarray, shape (n_left, n_right, n_orders)
    """
    scores: dict[str, Array] = {}
    for k in sorted({metric.k for metric in metrics}):
        asked = {metric.name.rsplit("_", 1)[0]: metric.name for metric in metrics if metric.k == k}
        sets, found = [kind for kind in asked if kind != "cknna"], {}
        if sets:
            found = count_common(left, right, sets, k, orders=orders, backend=backend)
        if "mutual_knn" in asked:
            share_ties(found["mutual_knn"], left, right, k, orders=orders, backend=backend)
        if "cknna" in asked:
            found["cknna"] = cknna(left, right, k, orders=orders, backend=backend)
        scores |= {asked[kind]: values for kind, values in found.items()}
    return scores
