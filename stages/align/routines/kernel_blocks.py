"""Kernels of one side in tiles, about centred, and what is needed to do so exactly."""

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from stages.align.representation import Representation
from stages.align.routines.chains import Link, kernels, steepness
from stages.align.routines.squared import Squared, spread, squared_distances
from stages.align.routines.tiles import Tile
from stages.core.stats.backend import Array, Backend

Ints = NDArray[np.intp]
LANDMARKS = 64  # rows whose kernels tell about where the margins of all are


@dataclass(frozen=True)
class Kernels:
    """The kernels of one representation, and what is taken from each so that little is left.

    Attributes
    ----------
    squared : Squared
    slopes : list of float
        Of `steepness`.
    margins : device array, shape (n_kernels, n)
        About those of each: K_ij - margin_i - margin_j is about centred.
    """

    squared: Squared
    slopes: list[float]
    margins: Any


def prepare_kernels(
    representation: Representation, links: Sequence[Link], where: str, orders: int, backend: Backend
) -> Kernels:
    """Find the slopes of kernels, and their margins from the distances of some rows to all."""
    squared = squared_distances(representation, backend, orders)
    slopes = [steepness(link.metric, squared, where) for link in links]
    n = len(squared)
    some = spread(n, LANDMARKS)
    distances = squared.between(some, slice(0, n))
    room = backend.xp.empty_like(distances), backend.xp.empty_like(distances)
    count = np.full(n, float(len(some)))
    count[some] -= 1
    margins = np.empty((len(links), n))
    for k, value in enumerate(kernels(distances, links, slopes, backend, room)):
        found = backend.get(value)
        found[np.arange(len(some)), some] = 0
        mean = found.sum(axis=0) / count
        margins[k] = mean - mean.mean() / 2
    return Kernels(squared, slopes, backend.put(margins))


@dataclass(frozen=True)
class Side:
    """The representations of one side, and sums over what is left of their kernels.

    Attributes
    ----------
    name : str
        `left` or `right`, for messages.
    each : list of Kernels
    links : list of Link
    room : device array
        For all kernels of a tile: fresh memory for each costs as much as the kernels themselves.
    scratch : device array, shape (3, n_numbers)
        For one kernel.
    sums : device array, shape (n_kernels, n_side, n)
        Of each row, without the diagonal, in double precision.
    power : device array, shape (n_kernels, n_side)
        Of the squares above the diagonal.
    squares : device array, shape (n_kernels, n_side, n), or None
        Of the squares of each row, in double precision, where nulls will ask for them.
    most : ndarray, shape (n_kernels, n_side)
        Largest magnitude of what is left; 0 where squares are not asked for.
    backend : Backend
    """

    name: str
    each: list[Kernels]
    links: list[Link]
    room: Any
    scratch: Any
    sums: Any
    power: Any
    squares: Any
    most: Array
    backend: Backend

    @property
    def n(self) -> int:
        """Number of rows."""
        return len(self.each[0].squared)

    def fill(self, tile: Tile, order: Ints | None = None) -> Any:
        """Make what is left of all kernels above the diagonal, and without an order add it up.

        Parameters
        ----------
        tile : Tile
        order : ndarray of int, shape (n,), or None
            In which the rows are put before.

        Returns
        -------
        device array, shape (n_kernels, n_side, n_numbers)
        """
        rows, columns = tile.shape
        shape = len(self.links), len(self.each), rows, columns
        made = self.room[: math.prod(shape)].reshape(shape)
        corner = self.backend.put(~np.tri(rows, dtype=np.bool_))
        ones = self.backend.put(np.ones(max(tile.shape)))
        value, spare, out = self.scratch[:, : tile.size].reshape(3, rows, columns)
        for place, one in enumerate(self.each):
            distances = one.squared.tile(tile, order, out)
            margins = one.margins if order is None else one.margins[:, self.backend.index(order)]
            found = kernels(distances, self.links, one.slopes, self.backend, (value, spare))
            for k, value in enumerate(found):
                kernel = made[k, place]
                self.backend.xp.subtract(value, margins[k, tile.rows][:, None], out=kernel)
                kernel -= margins[k, tile.columns]
                if tile.is_corner:
                    kernel[:, :rows] *= corner
                if order is not None:
                    continue
                _add(self.sums[k, place], tile, kernel, ones)
                if self.squares is None:
                    flat = kernel.reshape(-1)
                    self.power[k, place] += flat @ flat
                else:
                    self._add_squares((k, place), tile, kernel, ones, spare)
        return made.reshape(*shape[:2], tile.size)

    def without_room(self) -> "Side":
        """Keep what has been prepared and added up."""
        nothing = self.backend.empty(0)
        return replace(self, room=nothing, scratch=nothing)

    def _add_squares(
        self, at: tuple[int, int], tile: Tile, kernel: Any, ones: Any, spare: Any
    ) -> None:
        """Add up the squares of what is left of one kernel in a tile."""
        self.backend.xp.multiply(kernel, kernel, out=spare)
        self.power[at] += _add(self.squares[at], tile, spare, ones).sum()
        self.most[at] = max(self.most[at], math.sqrt(spare.max()))


def _add(sums: Any, tile: Tile, numbers: Any, ones: Any) -> Any:
    """Add the numbers of a tile to the sums of its rows, which are returned, and its columns."""
    rows, columns = tile.shape
    of_rows = numbers @ ones[:columns]
    sums[tile.rows] += of_rows
    sums[tile.columns] += ones[:rows] @ numbers
    return of_rows


def make_side(
    name: str,
    representations: Sequence[Representation],
    links: list[Link],
    *,
    orders: int,
    largest: int,
    backend: Backend,
    squares: bool = False,
) -> Side:
    """Prepare one side, with room for tiles of `largest` numbers."""
    each = [
        prepare_kernels(one, links, f"{name}[{place}]", orders, backend)
        for place, one in enumerate(representations)
    ]
    count, n = (len(links), len(each)), len(each[0].squared)
    room, scratch = backend.empty(math.prod(count) * largest), backend.empty(3, largest)
    sums, power = backend.zeros(*count, n), backend.zeros(*count)
    of_rows, most = backend.zeros(*count, n) if squares else None, np.zeros(count)
    return Side(name, each, links, room, scratch, sums, power, of_rows, most, backend)
