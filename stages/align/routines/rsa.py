"""Representational similarity analysis: which pairs of stimuli are far apart."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from stages.align.representation import Representation
from stages.align.routines.dissimilarity import Distances, distances_by_kind, is_ranked
from stages.align.routines.needs import most_needed
from stages.align.routines.row_sums import RowSums, no_sums
from stages.align.routines.tiles import Tile
from stages.core.names.metrics import Metric
from stages.core.run.errors import InputError
from stages.core.stats.backend import Array, Backend

Ints = NDArray[np.intp]
FLAT = 16  # units of rounding; distances that vary less are noise


@dataclass(frozen=True)
class Moments:
    """Sums over the pairs of each representation of a side, arrays of shape (n_side,)."""

    sums: Any
    power: Any


@dataclass(frozen=True)
class Compared:
    """Dissimilarities of one kind, or their ranks, of all representations of a side.

    Attributes
    ----------
    each : list of Distances
    moments : Moments
    rows : list of RowSums
        Of as many representations as are asked for.
    """

    each: list[Distances]
    moments: Moments
    rows: list[RowSums]


def rsa(
    left: Sequence[Representation],
    right: Sequence[Representation],
    metrics: Sequence[Metric],
    orders: Ints,
    backend: Backend,
) -> dict[str, Array]:
    """Compare the dissimilarities of all pairs (Kriegeskorte et al. 2008).

    Over the n (n - 1) / 2 pairs of rows: Pearson's or Spearman's correlation, chance level 0, or
    the cosine, whose chance depends on the dissimilarities and is told by the null alone. They are
    made in tiles, and centred exactly in the end. Few pairs are compared in double
    precision; ranks are those of `stages.align.routines.ranks`.

    Parameters
    ----------
    left, right : sequence of Representation
    metrics : sequence of Metric
        Of the family `dissimilarity`.
    orders : ndarray of int, shape (n_orders, n)
        Orders of the rows of the left side; the first leaves them as they are.
    backend : Backend

    Returns
    -------
    dict of ndarray, shape (n_left, n_right, n_orders)
    """
    found: dict[str, Array] = {}
    for some in by_distance(metrics):
        found |= compare_distances(left, right, some, orders, backend)[0]
    return found


def by_distance(metrics: Sequence[Metric]) -> list[list[Metric]]:
    """Put metrics of RSA together that compare the same dissimilarities, ranked or not."""
    found: dict[str | None, list[Metric]] = {}
    for metric in metrics:
        found.setdefault(metric.distance, []).append(metric)
    return list(found.values())


def compare_distances(
    left: Sequence[Representation],
    right: Sequence[Representation],
    metrics: Sequence[Metric],
    orders: Ints,
    backend: Backend,
    *,
    rows: tuple[int, int] = (0, 0),
) -> tuple[dict[str, Array], list[dict[bool, Compared]]]:
    """Compare dissimilarities of one kind as `rsa` does, and keep what was prepared and added up.

    Parameters
    ----------
    left, right, orders, backend
        As those of `rsa`.
    metrics : sequence of Metric
        Of one distance.
    rows : tuple of int
        Of how many of the left and of the right, the first of them, to add up each row, too.

    Returns
    -------
    dict of ndarray, shape (n_left, n_right, n_orders)
    list of dict of Compared
        Left and right, by whether they are ranked.
    """
    n = orders.shape[1]
    backend = backend.precise(n)
    cuts = most_needed(left, right, metrics, len(orders), backend).tiles(n, backend)
    prepared = [
        [
            distances_by_kind(one, metrics, f"{name}[{place}]", backend, count)
            for place, one in enumerate(side)
        ]
        for name, side, count in (("left", left, len(orders)), ("right", right, 1))
    ]
    sides = [
        {kind: _compared(each, kind, count) for kind in each[0]}
        for each, count in zip(prepared, rows, strict=True)
    ]
    kinds = list(sides[0])  # ranks last: they are made of what is not ranked, in its place
    products = {kind: backend.zeros(len(orders), len(left), len(right)) for kind in kinds}
    rooms = [backend.empty(len(side) * cuts[0].size) for side in (left, right)]
    for tile in cuts:
        for kind in kinds:
            here, there = (side[kind] for side in sides)
            again = kind != kinds[0]
            second = _fill(rooms[1], there, None, tile, again=again)
            for place, order in enumerate(orders):
                moved = order if place else None
                first = _fill(rooms[0], here, moved, tile, again=again and len(orders) == 1)
                products[kind][place] += first @ second.T
    scores = {}
    for metric in metrics:
        kind = is_ranked(metric)
        moments = [side[kind].moments for side in sides]
        scores[metric.name] = _correlations(
            metric, backend.get(products[kind]), moments, n, backend
        )
    return scores, sides


def _compared(each: list[dict[bool, Distances]], kind: bool, rows: int) -> Compared:
    """Start to add up one kind of dissimilarities of a side, and each row of so many."""
    some = [made[kind] for made in each]
    zeros = some[0].squared.backend.zeros
    sums = [no_sums(len(one.squared)) for one in some[:rows]]
    return Compared(some, Moments(zeros(len(some)), zeros(len(some))), sums)


def _fill(room: Any, side: Compared, order: Ints | None, tile: Tile, *, again: bool) -> Any:
    """Dissimilarities of one side above the diagonal, shape (n_side, n_numbers).

    Those in the first order of the rows are added up.

    Parameters
    ----------
    room : device array
    side : Compared
    order : ndarray of int, shape (n,), or None
    tile : Tile
    again : bool
        Whether the room has them, not ranked, already.
    """
    each, moments = side.each, side.moments
    backend, (rows, columns) = each[0].squared.backend, tile.shape
    made = room[: len(each) * tile.size].reshape(len(each), rows, columns)
    corner = backend.put(~np.tri(rows, dtype=np.bool_))
    out = backend.empty(rows, columns)
    for place, one in enumerate(each):
        squared = again and not one.root
        made[place] = one.of(made[place]) if squared else one.tile(tile, order, out)
        if tile.is_corner:
            made[place, :, :rows] *= corner
        if order is not None:
            continue
        flat = made[place].reshape(-1)
        moments.sums[place] += flat.sum()
        moments.power[place] += flat @ flat
        if place < len(side.rows):
            side.rows[place].add(tile, backend.host(made[place]))
    return made.reshape(len(each), tile.size)


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
