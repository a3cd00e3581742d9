"""One number for each pair of rows, made in parts: a kernel, or dissimilarities or their ranks."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from stages.align.representation import Representation
from stages.align.routines.chains import Link, kernels, own, steepness
from stages.align.routines.dissimilarity import Distances, distances_of
from stages.align.routines.squared import Rows, Squared, squared_distances
from stages.core.names.metrics import Metric
from stages.core.stats.backend import Backend

Ints = NDArray[np.intp]
Numbers = NDArray[np.floating[Any]]


@dataclass(frozen=True)
class KernelPairs:
    """The kernel of one metric, symmetric, not centred, up to a constant and a positive factor.

    Attributes
    ----------
    squared : Squared
    metric : Metric
    slope : float
        See `stages.align.routines.chains.steepness`.
    """

    squared: Squared
    metric: Metric
    slope: float

    @property
    def n(self) -> int:
        """Number of rows."""
        return len(self.squared)

    def rows(self, block: slice) -> Numbers:
        """Make some rows, shape (n_block, n)."""
        return self._between(np.arange(*block.indices(self.n)), np.arange(self.n))

    def sub(self, rows: Ints) -> Numbers:
        """Make the kernel among some rows, shape (m, m)."""
        return self._between(rows, rows)

    def _between(self, some: Ints, others: Ints) -> Numbers:
        backend = self.squared.backend
        distances = self.squared.between(_compact(some), _compact(others))
        room = backend.xp.empty_like(distances), None
        link = Link(self.metric, follows=False)
        (made,) = kernels(distances, [link], [self.slope], backend, room)
        values = backend.host(made)
        values[some[:, None] == others] = own(self.slope)
        return values


@dataclass(frozen=True)
class DistancePairs:
    """Dissimilarities of one metric, or their average ranks, up to a factor; 0 of the same row."""

    distances: Distances
    metric: Metric

    @property
    def n(self) -> int:
        """Number of rows."""
        return len(self.distances.squared)

    @cached_property
    def _level(self) -> float:
        return self.distances.level

    def rows(self, block: slice) -> Numbers:
        """Make some rows, shape (n_block, n)."""
        return self._between(np.arange(*block.indices(self.n)), np.arange(self.n))

    def sub(self, rows: Ints) -> Numbers:
        """Make those among some rows, shape (m, m)."""
        return self._between(rows, rows)

    def _between(self, some: Ints, others: Ints) -> Numbers:
        backend = self.distances.squared.backend
        made = self.distances.between(_compact(some), _compact(others))
        values = backend.host(made) + backend.host(made).dtype.type(self._level)
        values[some[:, None] == others] = 0
        return values


def _compact(rows: Ints) -> Rows:
    """Turn successive rows into a slice, which takes no copy."""
    if len(rows) and (np.diff(rows) == 1).all():
        return slice(int(rows[0]), int(rows[-1]) + 1)
    return rows


RowPairs = KernelPairs | DistancePairs


def row_pairs(
    representation: Representation, metrics: Sequence[Metric], where: str, backend: Backend
) -> dict[str, RowPairs]:
    """Prepare one representation's matrices, by metric.

    Parameters
    ----------
    representation : Representation
    metrics : sequence of Metric
        Of the families `kernel` and `dissimilarity`; others are left out.
    where : str
        Its name, for messages.
    backend : Backend

    Raises
    ------
    InputError
        As those of `stages.align.routines.kernels.cka` and `stages.align.routines.dissimilarity`.
    """
    found: dict[str, RowPairs] = {}
    graded = [metric for metric in metrics if metric.kind.routine == "kernel"]
    if graded:
        squared = squared_distances(representation, backend)
        for metric in graded:
            slope = steepness(metric, squared, where)
            found[metric.name] = KernelPairs(squared, metric, slope)
    for metric in metrics:
        if metric.kind.routine == "dissimilarity":
            distances = distances_of(representation, metric, where, backend)
            found[metric.name] = DistancePairs(distances, metric)
    return {metric.name: found[metric.name] for metric in metrics if metric.name in found}
