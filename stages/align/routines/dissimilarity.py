"""Dissimilarities of one representation, or their ranks, in parts."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from stages.align.representation import Dissimilarities, Representation, at_hand
from stages.align.routines.ranks import Ranks, ranks
from stages.align.routines.row_distances import unit_rows
from stages.align.routines.squared import (
    Rows,
    Squared,
    above,
    squared_distances,
)
from stages.align.routines.tiles import Tile, cut_tiles
from stages.core.names.metrics import Metric
from stages.core.stats.backend import CACHED, FEWEST_ROWS, Backend

Ints = NDArray[np.intp]


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

    def tile(self, tile: Tile, order: Ints | None, out: Any) -> Any:
        """Make those between the rows of a tile and its columns; see `Squared.tile`."""
        return self.of(self.squared.tile(tile, order, out))

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
    held = at_hand(representation)
    given = isinstance(held, Dissimilarities)
    n = len(held.values if isinstance(held, Dissimilarities) else held)
    pairs = n * (n - 1) // 2
    backend = backend.precise(n)
    if not isinstance(held, Dissimilarities):
        held = unit_rows(held, metric.distance, where, backend.dtype)
    squared = squared_distances(held, backend, orders)
    del held
    root = metric.distance == "euclidean" and not given
    if not is_ranked(metric):
        return Distances(squared, root, None)
    most = squared.most - 1

    def parts() -> Iterator[Any]:
        cuts = cut_tiles(n, max(FEWEST_ROWS, CACHED // n))
        room = backend.empty(cuts[0].size)
        for tile in cuts:
            out = room[: tile.size].reshape(tile.shape)
            yield from above(tile, squared.tile(tile, None, out), backend)

    return Distances(squared, root, ranks(parts, pairs, most, backend))


def distances_by_kind(
    representation: Representation,
    metrics: Sequence[Metric],
    where: str,
    backend: Backend,
    orders: int = 1,
) -> dict[bool, Distances]:
    """Prepare dissimilarities once for all metrics of one distance, by whether they are ranked.

    Parameters are those of `distances_of`, as are errors.
    """
    kinds = {is_ranked(metric): metric for metric in metrics}
    # What ranks are made of is within.
    made = distances_of(representation, kinds[max(kinds)], where, backend, orders)
    return {kind: made if kind else replace(made, ranks=None) for kind in sorted(kinds)}


def is_ranked(metric: Metric) -> bool:
    """Whether a metric of RSA compares ranks."""
    return metric.comparison == "spearman"
