"""The sums that closed nulls need, of all matrices that metrics make of one representation."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from math import isqrt
from typing import Any, cast

import numpy as np
from numpy.typing import NDArray

from stages.align.nulls.centred import Centred
from stages.align.nulls.invariants import MOST_ROWS, Invariants, invariants, sampled
from stages.align.nulls.pairwise import PairwiseMatrix
from stages.align.nulls.passes import form_of, pass_distances, pass_kernels
from stages.align.representation import Representation
from stages.align.routines.needs import DOUBLE, rsa_need
from stages.align.routines.row_pairs import DistancePairs, KernelPairs, row_pairs
from stages.core.names.metrics import Metric
from stages.core.stats.backend import Backend

HELD = 6  # matrices of all rows at once: distances twice, U, its squares and products, and a spare
Key = tuple[str, float | str | None, float | bool | None]


def matrix_of(metric: Metric) -> Key:
    """Tell apart what is compared, whatever the way."""
    if metric.kind.routine == "kernel":
        return "kernel", metric.bandwidth, metric.sigma
    return "distance", metric.distance, metric.comparison == "spearman"


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
        See `stages.align.nulls.invariants.invariants`; None for MOST_ROWS, or fewer where memory
        is short.
    """
    if most_rows is None:
        most_rows = min(MOST_ROWS, isqrt(backend.memory // (HELD * DOUBLE)))
    # A biased kernel stays: its sums are those of the debiased one, and more.
    each = {matrix_of(one): one for one in sorted(metrics, key=lambda metric: metric.biased)}
    kernels = [metric for metric in each.values() if metric.kind.routine == "kernel"]
    found = {}
    if kernels:
        found = _kernel_sums(representation, kernels, where, backend, most_rows)
    distances = [metric for metric in each.values() if metric.kind.routine != "kernel"]
    for distance in {metric.distance: None for metric in distances}:
        some = [metric for metric in distances if metric.distance == distance]
        found |= _distance_sums(representation, some, where, backend, most_rows)
    return found


def _kernel_sums(
    representation: Representation,
    metrics: Sequence[Metric],
    where: str,
    backend: Backend,
    most_rows: int,
) -> dict[Key, Invariants]:
    made = row_pairs(representation, metrics, where, backend)
    pairs = {name: one for name, one in made.items() if isinstance(one, KernelPairs)}
    squared = next(iter(pairs.values())).squared
    n, known = len(squared), {}
    if n > most_rows:
        known = pass_kernels(representation, metrics, where, backend)
    some = sampled(n, most_rows) if n > most_rows else slice(0, n)
    # The distances of which all kernels are made.
    among = replace(squared, rows=None, norms=None, square=squared.between(some, some))
    return {
        matrix_of(metric): invariants(
            _Placed(pairs[metric.name], backend, replace(pairs[metric.name], squared=among)),
            form_of(metric),
            most_rows,
            known.get(metric.name),
        )
        for metric in metrics
    }


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


def _distance_sums(
    representation: Representation,
    metrics: Sequence[Metric],
    where: str,
    backend: Backend,
    most_rows: int,
) -> dict[Key, Invariants]:
    """Take the sums of dissimilarities of one kind, and of their ranks."""
    # Ranks come first: what they are of is within.
    first, *rest = sorted(metrics, key=lambda metric: metric.comparison != "spearman")
    (made,) = row_pairs(representation, [first], where, backend).values()
    made = cast(DistancePairs, made)
    each = [made, *(DistancePairs(replace(made.distances, ranks=None), one) for one in rest)]
    known: Sequence[Centred | None] = [None] * len(each)
    if made.n > most_rows:
        blocks = rsa_need([representation], [], first, 1, backend).blocks(made.n, backend)
        known = pass_distances([pairs.distances for pairs in each], blocks)
    return {
        matrix_of(pairs.metric): invariants(_Placed(pairs, backend), "pairs", most_rows, one)
        for pairs, one in zip(each, known, strict=True)
    }
