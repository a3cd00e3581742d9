"""Controls of width: what an alignment owes to the number of units alone."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

AT_ONCE = 256  # rows

Features = NDArray[np.floating[Any]]


def noise_twin(features: Features, rng: np.random.Generator) -> Features:
    """Noise of the same width and the same mean and variance of every unit.

    A metric by which the twin aligns as well as the representation measures width, as biased
    kernel alignment does.

    Parameters
    ----------
    features : ndarray, shape (n, p)
    rng : Generator

    Returns
    -------
    ndarray, shape (n, p)
    """
    return Moments(features.mean(axis=0), features.std(axis=0)).noise(len(features), rng)


@dataclass(frozen=True)
class Moments:
    """Of every unit of a representation, arrays of shape (p,).

    Attributes
    ----------
    mean, deviation : ndarray
        Of the precision of the representation.
    """

    mean: Features
    deviation: Features

    def noise(self, n: int, rng: np.random.Generator) -> Features:
        """Draw n rows of noise of these moments, shape (n, p)."""
        twin = np.empty((n, len(self.mean)), dtype=self.mean.dtype)
        for start in range(0, n, AT_ONCE):
            part = twin[start : start + AT_ONCE]
            part[:] = self.mean + self.deviation * rng.standard_normal(part.shape)
        return twin
