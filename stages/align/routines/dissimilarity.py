"""Representational similarity analysis: which pairs of stimuli are far apart."""

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from stages.align.representation import Dissimilarities, Representation
from stages.align.routines.needs import rsa_need
from stages.align.routines.ranks import Ranks, ranks
from stages.align.routines.row_distances import unit_rows
from stages.align.routines.squared import (
    Rows,
    Squared,
    above,
    squared_distances,
)
from stages.core.names.metrics import Metric
from stages.core.run.errors import InputError
from stages.core.stats.backend import CACHED, FEWEST_ROWS, Array, Backend

Ints = NDArray[np.intp]
FLAT = 16  # units of rounding; distances that vary less are noise


@dataclass(frozen=True)
class Distances:
    """Dissimilarities of one representation, or their ranks, less about their mean.

    Attributes
    ----------
    squared : Squared
        Distances whose order theirs is.
    root : bool
        Whether they are the roots of those.
    ranks : Ranks or None
        What to put in their place.
    """

    squared: Squared
    root: bool
    ranks: Ranks | None

    @property
    def level(self) -> float:
        """What is taken from them."""
        pairs = len(self.squared) * (len(self.squared) - 1) // 2
        return 1.0 if self.ranks is None else (pairs + 1) / (2 * pairs)

    def between(self, some: Rows, others: Rows) -> Any:
        """Make those between some rows and others, shape (n_some, n_others)."""
        return self.of(self.squared.between(some, others))

    def block(self, block: slice, order: Ints | None, out: Any) -> Any:
        """Make those between some rows and these and all later ones; see `Squared.block`."""
        return self.of(self.squared.block(block, order, out))

    def of(self, distances: Any) -> Any:
        """Turn squared distances, less 1, into these, less their level, or into their ranks."""
        if self.ranks is not None:
            return self.ranks.of(distances)
        if not self.root:
            return distances
        made = (distances + 1).clip(0, None)
        xp = self.squared.backend.xp
        xp.sqrt(made, out=made)
        made -= 1
        return made


def distances_of(
    representation: Representation, metric: Metric, where: str, backend: Backend, orders: int = 1
) -> Distances:
    """Prepare the dissimilarities of one representation for one metric of RSA.

    Parameters
    ----------
    representation : Representation
    metric : Metric
    where : str
        Its name, for messages.
    backend : Backend
        Few pairs are compared in double precision whatever its own.
    orders : int
        In how many orders its rows will be asked for.

    Raises
    ------
    InputError
        As `unit_rows`, or if all pairs are equally far apart and that is to be ranked.
    """
    given = isinstance(representation, Dissimilarities)
    n = len(
        representation.values if isinstance(representation, Dissimilarities) else representation
    )
    pairs = n * (n - 1) // 2
    backend = backend.precise(n)
    if not isinstance(representation, Dissimilarities):
        representation = unit_rows(representation, metric.distance, where, backend.dtype)
    squared = squared_distances(representation, backend, orders)
    root = metric.distance == "euclidean" and not given
    if metric.comparison != "spearman":
        return Distances(squared, root, None)
    most = squared.most - 1

    def parts() -> Iterator[Any]:
        size = max(FEWEST_ROWS, CACHED // n)
        room = backend.empty(min(size, n) * n)
        for start in range(0, n, size):
            rows = min(size, n - start)
            out = room[: rows * (n - start)].reshape(rows, n - start)
            yield from above(squared.block(slice(start, start + rows), None, out), backend)

    return Distances(squared, root, ranks(parts, pairs, most, backend))


@dataclass(frozen=True)
class Moments:
    """Sums over the pairs of each representation of a side, arrays of shape (n_side,)."""

    sums: Any
    power: Any


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
    made in blocks of rows, and centred exactly in the end. Few pairs are compared in double
    precision; ranks are those of `stages.align.routines.ranks`.

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
    backend = backend.precise(n)
    blocks = rsa_need(left, right, metric, len(orders), backend).blocks_above(n, backend)
    sides = [
        [
            distances_of(one, metric, f"{name}[{place}]", backend, count)
            for place, one in enumerate(side)
        ]
        for name, side, count in (("left", left, len(orders)), ("right", right, 1))
    ]
    moments = [Moments(backend.zeros(len(side)), backend.zeros(len(side))) for side in sides]
    products = backend.zeros(len(orders), len(left), len(right))
    longest = max((block.stop - block.start) * (n - block.start) for block in blocks)
    rooms = [backend.empty(len(side) * longest) for side in sides]
    for block in blocks:
        there = _fill_block(rooms[1], sides[1], None, block, moments[1])
        for place, order in enumerate(orders):
            moved, moment = (order, None) if place else (None, moments[0])
            products[place] += _fill_block(rooms[0], sides[0], moved, block, moment) @ there.T
    return _correlations(metric, backend.get(products), moments, n, backend)


def _fill_block(
    room: Any, side: list[Distances], order: Ints | None, block: slice, moments: Moments | None
) -> Any:
    """Dissimilarities of one side above the diagonal, shape (n_side, n_numbers)."""
    backend, n = side[0].squared.backend, len(side[0].squared)
    rows, columns = block.stop - block.start, n - block.start
    shape = len(side), rows, columns
    made = room[: math.prod(shape)].reshape(shape)
    corner = backend.put(~np.tri(rows, dtype=np.bool_))
    out = backend.empty(rows, columns)
    for place, one in enumerate(side):
        made[place] = one.block(block, order, out)
        made[place, :, :rows] *= corner
        if moments is not None:
            flat = made[place].reshape(-1)
            moments.sums[place] += flat.sum()
            moments.power[place] += flat @ flat
    return made.reshape(len(side), rows * columns)


def _correlations(
    metric: Metric, products: Array, moments: list[Moments], n: int, backend: Backend
) -> Array:
    """Turn products of dissimilarities, less 1 or ranked, into what the metric asks for."""
    pairs = n * (n - 1) / 2
    sums, power = (
        [backend.get(getattr(side, name)) for side in moments] for name in ("sums", "power")
    )
    if metric.comparison == "cosine":
        whole = products + sums[0][:, None] + sums[1] + pairs
        squares = [one + 2 * total + pairs for one, total in zip(power, sums, strict=True)]
    else:
        whole = products - np.outer(*sums) / pairs
        squares = [one - total**2 / pairs for one, total in zip(power, sums, strict=True)]
        for name, square in zip(("left", "right"), squares, strict=True):
            flat = square <= pairs * (FLAT * backend.eps) ** 2
            if flat.any():
                where = f"{name}[{int(flat.argmax())}]"
                raise InputError("all rows equally far apart", where=where)
    scores = whole / np.sqrt(np.outer(*squares))
    return np.moveaxis(scores, 0, -1)
