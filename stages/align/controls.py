"""Controls of width: what an alignment owes to the number of units alone."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

AT_ONCE = 256  # rows

Features = NDArray[np.floating[Any]]


@dataclass(frozen=True)
class Moments:
    """Of every unit of a representation, arrays of shape (p,).

    A metric by which noise of these moments aligns as well as the representation measures width, as
    biased kernel alignment does.

    Attributes
    ----------
    mean, deviation : ndarray
        Of the precision of the representation.
    """

    mean: Features
    deviation: Features

    @classmethod
    def of(cls, features: Features) -> "Moments":
        """Measure those of features, shape (n, p)."""
        return cls(features.mean(axis=0), features.std(axis=0))

    def noise(self, n: int, rng: np.random.Generator) -> Features:
        """Draw n rows of noise of these moments, shape (n, p)."""
        twin = np.empty((n, len(self.mean)), dtype=self.mean.dtype)
        for start in range(0, n, AT_ONCE):
            part = twin[start : start + AT_ONCE]
            part[:] = self.mean + self.deviation * rng.standard_normal(part.shape)
        return twin
