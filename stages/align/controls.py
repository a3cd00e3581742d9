"""Controls of width: what an alignment owes to the number of units alone."""

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
    mean, deviation = features.mean(axis=0), features.std(axis=0)
    twin = np.empty(features.shape, dtype=features.dtype)
    for start in range(0, len(features), AT_ONCE):
        part = twin[start : start + AT_ONCE]
        part[:] = mean + deviation * rng.standard_normal(part.shape)
    return twin
