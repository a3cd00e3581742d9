"""Average ranks of many numbers without sorting them, where they are many."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.stats import rankdata

from stages.align.backend import FEW_PAIRS, Array, Backend

BINS = 2**18  # over the range that numbers can have
AT_ONCE = 2**18  # numbers
OFFSET = (3 - 5**0.5) / 2  # of the bins, so that no simple fraction of the range lies between two
ROUNDING = 64  # units of rounding, of the largest number, that pass for a tie


@dataclass(frozen=True)
class Ranks:
    """Average ranks of numbers, less their mean, divided by how many there are.

    Attributes
    ----------
    edges : device array or None
        Between one group of tied numbers and the next; None for bins of equal width.
    scale : float
        Bins per unit; numbers start at -1.
    table : device array, shape (n_groups,)
        Rank of each group.
    power : float
        Sum of the squares of all ranks.
    backend : Backend
    """

    edges: Any
    scale: float
    table: Any
    power: float
    backend: Backend

    def of(self, values: Any) -> Any:
        """Look up ranks."""
        if self.edges is not None:
            return self.table[self.backend.xp.searchsorted(self.edges, values)]
        return self.backend.look_up(self.table, _bins(values, self.scale, self.backend))


def table_size(count: int) -> int:
    """Bound the groups of so many numbers."""
    return count if count <= FEW_PAIRS else BINS


def _bins(values: Any, scale: float, backend: Backend) -> Any:
    """Find the bin of each value; rounding may put the least of them below the first."""
    places = values * scale
    places += scale + OFFSET
    return backend.integers(places)


def ranks(parts: Callable[[], Iterator[Any]], count: int, most: float, backend: Backend) -> Ranks:
    """Rank numbers that come in parts; of equal ones, all have the mean of their ranks.

    Up to FEW_PAIRS numbers are sorted, and tied where they differ by rounding. More are counted in
    BINS bins, and tied within one: the ranks' correlation is then that of scipy's to about 1e-6.

    Parameters
    ----------
    parts : callable
        Makes the parts, flat device arrays.
    count : int
        How many numbers.
    most : float
        Bound of the numbers, from -1.
    backend : Backend
    """
    if count <= FEW_PAIRS:
        every = np.concatenate([backend.get(part) for part in parts()])
        groups, first, last = _tied(every, backend.eps)
        edges = backend.put((last[:-1] + first[1:]) / 2)
        return _ranks(np.bincount(groups), edges, 1.0, backend)
    scale = (BINS - 2) / (most + 1)
    counts = np.zeros(BINS, dtype=np.intp)
    for part in parts():
        for start in range(0, len(part), AT_ONCE):
            codes = _bins(part[start : start + AT_ONCE], scale, backend).clip(0, BINS - 1)
            counts += np.asarray(backend.host(backend.xp.bincount(codes, minlength=BINS)))
    filled = np.flatnonzero(counts)
    if filled[-1] - filled[0] <= 1:  # all numbers are the same, but for rounding
        counts[filled[0]] = counts.sum()
        counts[filled[0] + 1 :] = 0
    return _ranks(counts, None, scale, backend)


def _ranks(counts: NDArray[np.intp], edges: Any, scale: float, backend: Backend) -> Ranks:
    total = int(counts.sum())
    middle = np.cumsum(counts) - counts + (counts + 1) / 2
    table = (middle - (total + 1) / 2) / total
    power = float(counts @ np.square(table))
    return Ranks(edges, scale, backend.put(table), power, backend)


def _tied(values: Array, eps: float) -> tuple[NDArray[np.intp], Array, Array]:
    """Group numbers that rounding alone may tell apart; say the least and largest of each."""
    order = np.argsort(values, kind="stable")
    ordered = values[order]
    slack = ROUNDING * eps * np.abs(values).max()
    starts = np.append(True, np.diff(ordered) > slack)
    groups = np.empty(len(values), dtype=np.intp)
    groups[order] = np.cumsum(starts) - 1
    return groups, ordered[starts], ordered[np.append(starts[1:], True)]


def tied_ranks(values: Array) -> Array:
    """Rank numbers from 1; those that differ by rounding alone have the mean of their ranks."""
    groups, _, _ = _tied(values, float(np.finfo(np.float64).eps))
    ranked: Array = rankdata(groups)
    return ranked
