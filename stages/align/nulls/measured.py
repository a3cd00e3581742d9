"""Scores of pairs of rows, and the sums that their nulls need, of what is made once for both."""

from collections.abc import Mapping, Sequence
from dataclasses import replace

from stages.align.nulls.invariants import Invariants
from stages.align.nulls.matrix_sums import (
    HELD,
    Key,
    distance_sums,
    kernel_sums,
    matrix_of,
    matrix_sums,
    rows_held,
)
from stages.align.representation import Representation
from stages.align.routines.dissimilarity import is_ranked
from stages.align.routines.kernels import Ints, cka, compare_kernels
from stages.align.routines.needs import DOUBLE, Need, kernel_need, most_needed
from stages.align.routines.rsa import Compared, by_distance, compare_distances, rsa
from stages.core.names.metrics import Metric
from stages.core.stats.backend import Array, Backend

Sides = tuple[Sequence[Representation], Sequence[Representation]]
SideSums = list[dict[Key, Invariants]]  # of each representation
Sums = tuple[SideSums, SideSums]  # of both sides
Found = tuple[dict[str, Array], Sums]
Counts = tuple[int, int]  # of how many of both sides, the first of each, sums are taken


def measure_with_sums(
    left: Sequence[Representation],
    right: Sequence[Representation],
    metrics: Sequence[Metric],
    order: Ints,
    backend: Backend,
    *,
    judged: int,
    known: SideSums | None = None,
) -> Found:
    """Measure all pairs by metrics with closed nulls, and take the sums that these need.

    Where memory holds what was prepared beside the working arrays of the sums, distances and ranks
    are made once, and rows are added up while they are compared; else anew.

    Parameters
    ----------
    left, right : sequence of Representation
    metrics : sequence of Metric
        Of the families `kernel` and `dissimilarity`.
    order : ndarray of int, shape (1, n)
        That leaves the rows as they are.
    backend : Backend
    judged : int
        How many of the left side, the first of them, will be held against a null.
    known : list of dict of Invariants, optional
        Sums of the right side, one entry each: taken where they lack, and kept there, so that a
        right side that others are measured with is added up once.

    Returns
    -------
    dict of ndarray, shape (n_left, n_right, 1)
        Scores, by metric.
    tuple of list of dict of Invariants
        Of what is judged and of the right side, by `stages.align.nulls.matrix_sums.matrix_of`.

    Raises
    ------
    InputError
        As `stages.align.routines.kernels.cka` and `stages.align.routines.rsa.rsa`.
    """
    scores: dict[str, Array] = {}
    sums: Sums = [{} for _ in left[:judged]], [{} for _ in right] if known is None else known
    kernels = [metric for metric in metrics if metric.kind.routine == "kernel"]
    work = [(_kernels, kernels)] if kernels else []
    distances = [metric for metric in metrics if metric.kind.routine == "dissimilarity"]
    work += [(_distances, some) for some in by_distance(distances)]
    for measure, some in work:
        keys = {matrix_of(metric) for metric in some}
        lacking = 0 if all(keys <= one.keys() for one in sums[1]) else len(right)
        found, more = measure((left, right), some, order, backend, (judged, lacking))
        scores |= found
        for side, others in zip(sums, more, strict=True):
            for one, other in zip(side, others, strict=False):
                one.update(other)
    return scores, sums


def _kernels(
    sides: Sides, metrics: Sequence[Metric], order: Ints, backend: Backend, counts: Counts
) -> Found:
    """Measure kernels."""
    rows, many = rows_held(backend), order.shape[1] > rows_held(backend)
    need = kernel_need(*sides, metrics, 1, backend)
    free = _left_over(need, sides, len(metrics), order.shape[1], backend)
    if free is None:
        return cka(*sides, metrics, order, backend), _anew(sides, metrics, backend, counts)
    scores, made = compare_kernels(*sides, metrics, order, free, squares=many)
    here, there = (
        [kernel_sums(side, place, metrics, rows) for place in range(count)]
        for side, count in zip(made, counts, strict=True)
    )
    return scores, (here, there)


def _distances(
    sides: Sides, metrics: Sequence[Metric], order: Ints, backend: Backend, counts: Counts
) -> Found:
    """Measure dissimilarities of one kind, and their ranks."""
    rows, many = rows_held(backend), order.shape[1] > rows_held(backend)
    need = most_needed(*sides, metrics, 1, backend)
    free = _left_over(need, sides, 2 * len(metrics), order.shape[1], backend)
    if free is None:
        return rsa(*sides, metrics, order, backend), _anew(sides, metrics, backend, counts)
    scores, made = compare_distances(*sides, metrics, order, free, rows=counts if many else (0, 0))
    kinds = {is_ranked(metric): metric for metric in metrics}

    def sums_of(side: Mapping[bool, Compared], place: int) -> dict[Key, Invariants]:
        return {
            matrix_of(metric): distance_sums(
                side[kind].each[place], metric, side[kind].rows[place] if many else None, rows
            )
            for kind, metric in kinds.items()
        }

    here, there = (
        [sums_of(side, place) for place in range(count)]
        for side, count in zip(made, counts, strict=True)
    )
    return scores, (here, there)


def _left_over(need: Need, sides: Sides, added: int, n: int, backend: Backend) -> Backend | None:
    """Leave memory for so many sums of each row; None where it does not hold all at once."""
    rows = rows_held(backend)
    held = n if n <= rows else rows // 2
    free = backend.memory - added * sum(map(len, sides)) * n * DOUBLE
    if max(need.least, need.fixed + HELD * DOUBLE * held**2) > free:
        return None
    return replace(backend, memory=free)


def _anew(sides: Sides, metrics: Sequence[Metric], backend: Backend, counts: Counts) -> Sums:
    """Take the sums of both sides, one representation after the other."""
    here, there = (
        [
            matrix_sums(one, metrics, f"{name}[{place}]", backend)
            for place, one in enumerate(side[:count])
        ]
        for name, side, count in zip(("left", "right"), sides, counts, strict=True)
    )
    return here, there
