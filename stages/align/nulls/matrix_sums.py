"""The sums that closed nulls need, of all matrices that metrics make of one representation."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from math import isqrt
from typing import Any

import numpy as np
from numpy.typing import NDArray

from stages.align.nulls.invariants import MOST_ROWS, Invariants, invariants, sampled
from stages.align.nulls.pairwise import PairwiseMatrix
from stages.align.nulls.passes import (
    centred_distances,
    centred_kernels,
    form_of,
    pass_distances,
)
from stages.align.representation import Representation
from stages.align.routines.chains import chain, place_in
from stages.align.routines.dissimilarity import Distances, distances_by_kind, is_ranked
from stages.align.routines.kernel_blocks import Side, make_side
from stages.align.routines.needs import DOUBLE, kernel_need, most_needed, size_of
from stages.align.routines.row_pairs import DistancePairs, KernelPairs
from stages.align.routines.row_sums import RowSums
from stages.align.routines.rsa import by_distance
from stages.core.names.metrics import Metric
from stages.core.stats.backend import Backend

HELD = 6  # matrices of all rows at once: distances twice, U, its squares and products, and a spare
Key = tuple[str, float | str | None, float | bool | None]


def matrix_of(metric: Metric) -> Key:
    """Tell apart what is compared, whatever the way."""
    if metric.kind.routine == "kernel":
        return "kernel", metric.bandwidth, metric.sigma
    return "distance", metric.distance, metric.comparison == "spearman"


def rows_held(backend: Backend) -> int:
    """Count the rows up to which sums are over all: MOST_ROWS, or fewer where memory is short."""
    return min(MOST_ROWS, isqrt(backend.memory // (HELD * DOUBLE)))


def matrix_sums(
    representation: Representation,
    metrics: Sequence[Metric],
    where: str,
    backend: Backend,
    most_rows: int | None = None,
) -> dict[Key, Invariants]:
    """Take the sums of every matrix that metrics compare, once for those that share it.

    Parameters
    ----------
    representation : Representation
    metrics : sequence of Metric
        Of the families `kernel` and `dissimilarity`.
    where : str
        Its name, for messages.
    backend : Backend
    most_rows : int or None
        See `stages.align.nulls.invariants.invariants`; None for `rows_held`.
    """
    most_rows = rows_held(backend) if most_rows is None else most_rows
    kernels = [metric for metric in metrics if metric.kind.routine == "kernel"]
    found = {}
    if kernels:
        side = _pass_kernels(representation, kernels, where, backend, most_rows)
        found = kernel_sums(side, 0, kernels, most_rows)
    distances = [metric for metric in metrics if metric.kind.routine != "kernel"]
    for some in by_distance(distances):
        found |= _distance_sums(representation, some, where, backend, most_rows)
    return found


def kernel_sums(
    side: Side, place: int, metrics: Sequence[Metric], most_rows: int
) -> dict[Key, Invariants]:
    """Take the sums of all kernels of one representation that has been prepared.

    Parameters
    ----------
    side : Side
        Which has added up squares, too, if it has more than `most_rows` rows.
    place : int
        Which of its representations.
    metrics : sequence of Metric
    most_rows : int
    """
    # A biased kernel stays: its sums are those of the debiased one, and more.
    each = {matrix_of(one): one for one in sorted(metrics, key=lambda metric: metric.biased)}
    squared, slopes = side.each[place].squared, side.each[place].slopes
    n, known = side.n, {}
    if n > most_rows:
        known = centred_kernels(side, place, list(each.values()))
    some = sampled(n, most_rows) if n > most_rows else slice(0, n)
    # The distances of which all kernels are made.
    among = replace(squared, rows=None, norms=None, square=squared.between(some, some))
    found = {}
    for key, metric in each.items():
        pairs = KernelPairs(squared, metric, slopes[place_in(side.links, metric)])
        placed = _Placed(pairs, side.backend, replace(pairs, squared=among))
        found[key] = invariants(placed, form_of(metric), most_rows, known.get(metric.name))
    return found


def _pass_kernels(
    representation: Representation,
    metrics: Sequence[Metric],
    where: str,
    backend: Backend,
    most_rows: int,
) -> Side:
    """Prepare the kernels of one representation, and pass once over more than `most_rows`."""
    n, _ = size_of(representation)
    cuts = []
    if n > most_rows:
        cuts = kernel_need([representation], [], metrics, 1, backend).tiles(n, backend)
    side = make_side(
        where,
        [representation],
        chain(metrics),
        orders=1,
        largest=cuts[0].size if cuts else 0,
        backend=backend,
        squares=n > most_rows,
    )
    for tile in cuts:
        side.fill(tile)
    return side.without_room()


@dataclass(frozen=True)
class _Placed:
    """A matrix of pairs whose numbers are where products run.

    Attributes
    ----------
    matrix : PairwiseMatrix
    backend : Backend
    among : PairwiseMatrix or None
        The part that will be asked for, where it is prepared.
    """

    matrix: PairwiseMatrix
    backend: Backend
    among: PairwiseMatrix | None = None

    @property
    def n(self) -> int:
        return self.matrix.n

    def rows(self, block: slice) -> Any:
        return self._put(self.matrix.rows(block))

    def sub(self, rows: NDArray[np.intp]) -> Any:
        if self.among is None:
            return self._put(self.matrix.sub(rows))
        return self._put(self.among.sub(np.arange(len(rows))))

    def _put(self, numbers: Any) -> Any:
        return numbers if self.backend.device is None else self.backend.put(numbers)


def distance_sums(
    distances: Distances, metric: Metric, rows: RowSums | None, most_rows: int
) -> Invariants:
    """Take the sums of dissimilarities, or ranks, that have been prepared.

    Parameters
    ----------
    distances : Distances
    metric : Metric
    rows : RowSums or None
        Needed of more than `most_rows` rows.
    most_rows : int
    """
    known = None if rows is None else centred_distances(distances, rows)
    pairs = DistancePairs(distances, metric)
    placed = _Placed(pairs, distances.squared.backend)
    return invariants(placed, "pairs", most_rows, known)


def _distance_sums(
    representation: Representation,
    metrics: Sequence[Metric],
    where: str,
    backend: Backend,
    most_rows: int,
) -> dict[Key, Invariants]:
    """Take the sums of dissimilarities of one kind, and of their ranks."""
    each = distances_by_kind(representation, metrics, where, backend)
    n, _ = size_of(representation)
    known: dict[bool, RowSums] = {}
    if n > most_rows:
        need = most_needed([representation], [], metrics, 1, backend)
        known = pass_distances(each, need.tiles(n, backend))
    kinds = {is_ranked(metric): metric for metric in metrics}
    return {
        matrix_of(metric): distance_sums(each[kind], metric, known.get(kind), most_rows)
        for kind, metric in kinds.items()
    }
