"""Average ranks of many numbers without sorting them, where they are many."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.stats import rankdata

from stages.align.routines.bins import (
    COUNT,
    CROWDED,
    FAR_OUT,
    Bins,
    counted,
    divided,
    even,
    undivided,
)
from stages.core.stats.backend import FEW_PAIRS, Array, Backend

ROUNDING = 64  # units of rounding that pass for a tie


@dataclass(frozen=True)
class Ranks:
    """Average ranks of numbers, less their mean, divided by how many there are.

    Attributes
    ----------
    edges : device array or None
        Between one group of tied numbers and the next; None where they were counted.
    bins : Even, Divided or None
        Into which they were counted.
    table : device array, shape (n_groups,)
        Rank of each group.
    power : float
        Sum of the squares of all ranks.
    backend : Backend
    """

    edges: Any
    bins: Bins | None
    table: Any
    power: float
    backend: Backend

    def of(self, values: Any) -> Any:
        """Look up ranks."""
        if self.bins is None:
            return self.table[self.backend.xp.searchsorted(self.edges, values)]
        return self.backend.look_up(self.table, self.bins.of(values))


def table_size(count: int) -> int:
    """Bound the groups of so many numbers."""
    return count if count <= FEW_PAIRS else COUNT


def ranks(parts: Callable[[], Iterator[Any]], count: int, most: float, backend: Backend) -> Ranks:
    """Rank numbers that come in parts; of equal ones, all have the mean of their ranks.

    Up to FEW_PAIRS numbers are sorted, and tied where they differ by rounding. More are counted in
    bins, and tied within one: the ranks' correlation is then that of scipy's to about 1e-6. Where
    many fall into one bin of equal width, since some numbers are far larger than the others, bins
    are divided by how many each has; it is then that to about 1e-5.

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
        groups, first, last = _tied(every, backend.eps, 1.0)
        edges = backend.put((last[:-1] + first[1:]) / 2)
        return _ranks(np.bincount(groups), edges, None, backend)
    bins, counts = _counted(parts, most, backend)
    filled = np.flatnonzero(counts)
    if filled[-1] - filled[0] <= 1:  # all numbers are the same, but for rounding
        counts[filled[0]] = counts.sum()
        counts[filled[0] + 1 :] = 0
    return _ranks(counts, None, bins, backend)


def _counted(
    parts: Callable[[], Iterator[Any]], most: float, backend: Backend
) -> tuple[Bins, NDArray[np.intp]]:
    """Choose bins, and count the numbers in each."""
    bins: Bins = even(most, backend)
    counts = counted(bins, parts())
    if most < FAR_OUT or counts.max() <= CROWDED * counts.sum():
        return bins, counts
    whole = undivided(most, backend)
    bins = divided(whole, counted(whole, parts()))
    return bins, counted(bins, parts())


def _ranks(counts: NDArray[np.intp], edges: Any, bins: Bins | None, backend: Backend) -> Ranks:
    total = int(counts.sum())
    middle = np.cumsum(counts) - counts + (counts + 1) / 2
    table = (middle - (total + 1) / 2) / total
    power = float(counts @ np.square(table))
    return Ranks(edges, bins, backend.put(table), power, backend)


def _tied(values: Array, eps: float, usual: float) -> tuple[NDArray[np.intp], Array, Array]:
    """Group numbers that rounding alone may tell apart; say the least and largest of each.

    What is `usual` or less is made of numbers of that size, and so is its rounding.
    """
    order = np.argsort(values, kind="stable")
    ordered = values[order]
    slack = ROUNDING * eps * np.abs(ordered[1:]).clip(usual)
    starts = np.append(True, np.diff(ordered) > slack)
    groups = np.empty(len(values), dtype=np.intp)
    groups[order] = np.cumsum(starts) - 1
    return groups, ordered[starts], ordered[np.append(starts[1:], True)]


def tied_ranks(values: Array) -> Array:
    """Rank numbers from 1; those that differ by rounding alone have the mean of their ranks."""
    groups, _, _ = _tied(values, float(np.finfo(np.float64).eps), float(np.median(np.abs(values))))
    ranked: Array = rankdata(groups)
    return ranked
