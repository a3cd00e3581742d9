"""The sums that closed nulls need, of all matrices that metrics make of one representation."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from stages.align.backend import Backend
from stages.align.nulls.centred import Centred, Form, Rough, finished
from stages.align.nulls.invariants import MOST_ROWS, Invariants, invariants
from stages.align.nulls.pairwise import PairwiseMatrix
from stages.align.representation import Representation
from stages.align.routines.chains import chain, own, place_in
from stages.align.routines.kernel_blocks import make_side
from stages.align.routines.needs import kernel_need, rsa_need, size_of
from stages.align.routines.row_pairs import DistancePairs, KernelPairs, row_pairs
from stages.core.names.metrics import Metric

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
    most_rows: int = MOST_ROWS,
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
    most_rows : int
        See `stages.align.nulls.invariants.invariants`.
    """
    # A biased kernel stays: its sums are those of the debiased one, and more.
    each = {matrix_of(one): one for one in sorted(metrics, key=lambda metric: metric.biased)}
    kernels = [metric for metric in each.values() if metric.kind.routine == "kernel"]
    found = {}
    if kernels:
        found = _kernel_sums(representation, kernels, where, backend, most_rows)
    for key, metric in each.items():
        if metric.kind.routine != "kernel":
            (pairs,) = row_pairs(representation, [metric], where, backend).values()
            known = None
            if isinstance(pairs, DistancePairs) and pairs.n > most_rows:
                need = rsa_need([representation], [], metric, 1, backend)
                known = _pass_distances(pairs, need.blocks(pairs.n, backend))
            found[key] = invariants(_Placed(pairs, backend), "pairs", most_rows, known)
    return found


def _form(metric: Metric) -> Form:
    return "double-centred" if metric.biased else "off-diagonal"


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
        known = _pass_kernels(representation, metrics, where, backend)
    elif squared.square is None:
        everything = squared.between(slice(0, n), slice(0, n))
        squared = replace(squared, rows=None, norms=None, square=everything)
    return {
        matrix_of(metric): invariants(
            _Placed(replace(pairs[metric.name], squared=squared), backend),
            _form(metric),
            most_rows,
            known.get(metric.name),
        )
        for metric in metrics
    }


@dataclass(frozen=True)
class _Placed:
    """A matrix of pairs whose numbers are where products run."""

    matrix: PairwiseMatrix
    backend: Backend

    @property
    def n(self) -> int:
        return self.matrix.n

    def rows(self, block: slice) -> Any:
        return self._put(self.matrix.rows(block))

    def sub(self, rows: NDArray[np.intp]) -> Any:
        return self._put(self.matrix.sub(rows))

    def _put(self, numbers: Any) -> Any:
        return numbers if self.backend.device is None else self.backend.put(numbers)


def _pass_kernels(
    representation: Representation, metrics: Sequence[Metric], where: str, backend: Backend
) -> dict[str, Centred]:
    """Pass once over all kernels of one representation."""
    links = chain(metrics)
    n, _ = size_of(representation)
    blocks = kernel_need([representation], [], metrics, 1, backend).blocks(n, backend)
    longest = max((block.stop - block.start) * (n - block.start) for block in blocks)
    side = make_side(where, [representation], links, orders=1, longest=longest, backend=backend)
    most = np.zeros(len(links))
    for block in blocks:
        made = side.fill(block)
        most = np.maximum(most, [float(abs(kernel).max()) for kernel in made])
    (one,) = side.each
    found = {}
    for metric in metrics:
        k = place_in(links, metric)
        found[metric.name] = finished(
            _form(metric),
            Rough(
                backend.get(one.margins[k]),
                backend.get(side.sums[k])[0],
                np.full(n, own(one.slopes[k])),
                2 * float(side.power[k, 0]),
                float(most[k]),
            ),
        )
    return found


def _pass_distances(pairs: DistancePairs, blocks: Sequence[slice]) -> Centred:
    """Pass once over the dissimilarities of one representation, less their level."""
    distances, n = pairs.distances, pairs.n
    get = distances.squared.backend.get
    sums, square, most = np.zeros(n), 0.0, 0.0
    for block in blocks:
        made = get(distances.block(block, None))
        made[:, : len(made)] *= ~np.tri(len(made), dtype=np.bool_)
        sums[block] += made.sum(axis=1)
        sums[block.start :] += made.sum(axis=0)
        square += 2 * float(np.vecdot(made, made).sum())
        most = max(most, float(np.abs(made).max()))
    taken = np.full(n, distances.level / 2)
    return finished("pairs", Rough(taken, sums, np.zeros(n), square, most))
