"""Squared distances between the rows of a representation, made where they are needed."""

from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from stages.align.representation import Dissimilarities, Features, Representation, at_hand
from stages.align.routines.tiles import Tile
from stages.core.stats.backend import Array, Backend

Ints = NDArray[np.intp]
Rows = slice | Ints
MOST_FOR_MEDIAN = 1000  # rows; half a million distances settle a median
AT_ONCE = 256  # rows that are prepared in double precision
FAR = 100.0  # times the median squared distance from the mean: rows that tell no scale
LEAST_NEAR = 1e-12  # of the mean squared distance of all rows, that the others must have


@dataclass(frozen=True)
class Squared:
    """Squared distances between the rows of one representation, in units of their mean.

    Attributes
    ----------
    rows : device array, shape (n, p), or None
        Centred features.
    norms : device array, shape (n,), or None
        Squared length of each row, less 1/2.
    square : device array, shape (n, n), or None
        The distances less 1 themselves, where they take less room than features.
    unit : float
        The mean squared distance, of the rows that are not far out: beside one such row, single
        precision would tell the distances of the others apart no more.
    most : float
        Bound of the distances.
    backend : Backend
    """

    rows: Any
    norms: Any
    square: Any
    unit: float
    most: float
    backend: Backend

    def __len__(self) -> int:
        """Count the rows."""
        return len(self.rows if self.square is None else self.square)

    def between(self, some: Rows, others: Rows, out: Any = None) -> Any:
        """Distances between some rows and others, less 1; they may share memory with `square`.

        Parameters
        ----------
        some, others : slice or ndarray of int
        out : device array, shape (n_some, n_others), or None
            Room for them: fresh memory takes as long as the distances.

        Returns
        -------
        device array, shape (n_some, n_others)
        """
        one, other = (
            rows if isinstance(rows, slice) else self.backend.index(rows) for rows in (some, others)
        )
        if self.square is not None:
            return self.square[one][:, other]
        made = self.backend.xp.matmul(-2 * self.rows[one], self.rows[other].T, out=out)
        made += self.norms[one][:, None]
        made += self.norms[other]
        return made

    def tile(self, tile: Tile, order: Ints | None = None, out: Any = None) -> Any:
        """Distances, less 1, between the rows of a tile and its columns.

        Parameters
        ----------
        tile : Tile
        order : ndarray of int, shape (n,), or None
            In which the rows are put before.
        out : device array or None
            See `between`.
        """
        if order is None:
            return self.between(tile.rows, tile.columns, out)
        return self.between(order[tile.rows], order[tile.columns], out)

    @cached_property
    def median(self) -> float:
        """Median distance, over at most MOST_FOR_MEDIAN evenly spaced rows."""
        some = spread(len(self), MOST_FOR_MEDIAN)
        parts = [
            self.backend.host(part)
            for start, stop in _cuts(len(some))
            for part in _above(self.between(some[start:stop], some[start:]), self.backend)
        ]
        values = np.concatenate(parts)
        middle = len(values) // 2
        values.partition(middle)
        both = values[middle], values[middle] if len(values) % 2 else values[:middle].max()
        return float(np.sqrt(np.maximum(1 + np.array(both, dtype=np.float64), 0)).mean())


def spread(n: int, most: int) -> Ints:
    """Choose at most so many of n rows, evenly spaced."""
    return np.linspace(0, n - 1, min(n, most)).round().astype(np.intp)


def _cuts(n: int) -> list[tuple[int, int]]:
    return [(start, min(start + AT_ONCE, n)) for start in range(0, n, AT_ONCE)]


def above(tile: Tile, part: Any, backend: Backend) -> tuple[Any, ...]:
    """Take what is above the diagonal of the numbers of a tile, as one or two vectors."""
    return _above(part, backend) if tile.is_corner else (part.reshape(-1),)


def _above(part: Any, backend: Backend) -> tuple[Any, Any]:
    rows = len(part)
    corner = backend.mask(~np.tri(rows, dtype=np.bool_))
    return part[:, :rows][corner], part[:, rows:].reshape(-1)


def is_kept(n: int, width: int | None, orders: int) -> bool:
    """Whether all distances are kept, rather than the features and their copies in other orders.

    Parameters
    ----------
    n : int
    width : int or None
        Of the features; None of dissimilarities.
    orders : int
        How many orders of the rows there are.
    """
    return width is None or n <= (width if orders == 1 else 2 * width)


def squared_distances(representation: Representation, backend: Backend, orders: int = 1) -> Squared:
    """Prepare a representation.

    Parameters
    ----------
    representation : Representation
        `Dissimilarities` pass for squared distances.
    backend : Backend
    orders : int
        In how many orders its rows will be asked for.
    """
    held = at_hand(representation)
    if isinstance(held, Dissimilarities):
        return _given(np.asarray(held.values), backend)
    rows, norms, unit = _prepared(held, backend)
    n, width = rows.shape
    lengths = backend.put(norms - 0.5)
    made = Squared(backend.put(rows), lengths, None, unit, 4 * float(norms.max()), backend)
    if not is_kept(n, width, orders):
        return made
    square = backend.empty(n, n)
    for start, stop in _cuts(n):
        square[start:stop] = made.between(slice(start, stop), slice(0, n))
    return Squared(None, None, square, unit, made.most, backend)


def _given(values: Features, backend: Backend) -> Squared:
    """Take dissimilarities as they stand above the diagonal."""
    n = len(values)
    made = np.zeros((n, n), dtype=np.float64)
    for row in range(n):
        made[row, row + 1 :] = made[row + 1 :, row] = values[row, row + 1 :]
    unit = float(made.sum()) / (n * (n - 1))
    most = float(made.max()) / unit
    some = spread(n, MOST_FOR_MEDIAN)
    near = made <= FAR * np.median(made[np.ix_(some, some)])
    if not near.all():
        scale = float(made[near].sum()) / (int(near.sum()) - n)
        unit, most = (scale, most * unit / scale) if scale > LEAST_NEAR * unit else (unit, most)
    made /= unit
    made -= 1
    return Squared(None, None, backend.put(made), unit, most, backend)


def _prepared(features: Features, backend: Backend) -> tuple[Features, Array, float]:
    """Centre features and divide them by the root of the mean squared distance."""
    rows, norms = _centred(features, features.mean(axis=0, dtype=np.float64), backend)
    unit = 2 * float(norms.sum()) / (len(norms) - 1)
    far = norms > FAR * np.median(norms)
    if far.any():
        near = features[~far].mean(axis=0, dtype=np.float64)
        others = _centred(features, near, backend)
        scale = 2 * float(others[1][~far].mean())
        if scale > LEAST_NEAR * unit:
            (rows, norms), unit = others, scale
    rows /= rows.dtype.type(np.sqrt(unit))
    return rows, norms / unit, unit


def _centred(features: Features, centre: Array, backend: Backend) -> tuple[Features, Array]:
    """Take the centre from features, and square the lengths of what is left."""
    rows, norms = np.empty(features.shape, dtype=backend.dtype), np.empty(len(features))
    for start, stop in _cuts(len(features)):
        centred = features[start:stop] - centre
        rows[start:stop] = centred
        norms[start:stop] = np.square(centred).sum(axis=1)
    return rows, norms
