"""Bins into which many numbers fall, in order, few of them into one."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from stages.core.stats.backend import Backend

Ints = NDArray[np.intp]
COUNT = 2**18
COARSE = 2**12  # of the bins that are divided
OFFSET = (3 - 5**0.5) / 2  # of the bins, so that no simple fraction of the range lies between two
CROWDED = (
    2**-10
)  # of all numbers in one bin: more, beside one that is FAR_OUT, and bins are divided
FAR_OUT = 2**8  # means of all numbers
ROUNDING = 8  # units of it, that one bin is wide at least
AT_ONCE = 2**18  # numbers


@dataclass(frozen=True)
class Even:
    """Bins of equal width; numbers start at -1.

    Attributes
    ----------
    scale : float
        Bins per unit.
    backend : Backend
    """

    scale: float
    backend: Backend

    def of(self, values: Any) -> Any:
        """Find the bin of each value; rounding may put the least of them below the first."""
        places = values * self.scale
        places += self.scale + OFFSET
        return self.backend.integers(places)


@dataclass(frozen=True)
class Divided:
    """Bins whose width goes with the numbers, divided into as many parts as have many numbers.

    Attributes
    ----------
    lowest, scale : float
        Base-2 logarithm of the least number plus 1 that is told from 0, and undivided bins per unit
        of the logarithm.
    first, parts : device array, shape (COARSE,)
        Of each undivided bin, the first of its parts and how many there are.
    backend : Backend
    """

    lowest: float
    scale: float
    first: Any
    parts: Any
    backend: Backend

    def of(self, values: Any) -> Any:
        """Find the bin of each value."""
        whole, rest = self.split(values)
        inside = self.backend.integers(rest * self.backend.look_up(self.parts, whole))
        return self.backend.integers(self.backend.look_up(self.first, whole)) + inside

    def split(self, values: Any) -> tuple[Any, Any]:
        """Find the undivided bin of each value and how far in it the value is, from 0 to 1."""
        places = self.backend.xp.log2((values + 1).clip(2.0**self.lowest, None))
        places -= self.lowest
        places *= self.scale
        whole = self.backend.integers(places)
        places -= whole
        return whole, places


Bins = Even | Divided


def even(most: float, backend: Backend) -> Even:
    """Make bins of equal width.

    Parameters
    ----------
    most : float
        Bound of the numbers, from -1.
    backend : Backend
    """
    return Even((COUNT - 2) / (most + 1), backend)


def undivided(most: float, backend: Backend) -> Divided:
    """Make the bins that are to be divided; parameters are those of `even`."""
    lowest = float(np.log2(ROUNDING * backend.eps))
    scale = (COARSE - 2) / (float(np.log2(most + 1)) - lowest)
    ones = backend.put(np.ones(COARSE))
    return Divided(lowest, scale, backend.put(np.arange(COARSE)), ones, backend)


def divided(bins: Divided, counts: Ints) -> Divided:
    """Divide bins by how many numbers are in each, but no finer than rounding.

    Parameters
    ----------
    bins : Divided
        Made by `undivided`.
    counts : ndarray of int, shape (COUNT,)
    """
    backend = bins.backend
    finest = 1 / (bins.scale * ROUNDING * backend.eps)
    wanted = counts[:COARSE] / counts.sum() * (COUNT - COARSE)
    parts = np.floor(wanted.clip(None, finest)).astype(np.intp) + 1
    first = np.cumsum(parts) - parts
    return Divided(bins.lowest, bins.scale, backend.put(first), backend.put(parts), backend)


def counted(bins: Bins, parts: Iterable[Any]) -> Ints:
    """Count the numbers in each bin, shape (COUNT,)."""
    counts, backend = np.zeros(COUNT, dtype=np.intp), bins.backend
    for part in parts:
        for start in range(0, len(part), AT_ONCE):
            codes = bins.of(part[start : start + AT_ONCE]).clip(0, COUNT - 1)
            counts += np.asarray(backend.host(backend.xp.bincount(codes, minlength=COUNT)))
    return counts
