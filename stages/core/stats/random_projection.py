"""Fewer units by a random projection."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from stages.core.run.errors import InputError

Features = NDArray[np.floating[Any]]


def project(features: Features, width: int, rng: np.random.Generator) -> Features:
    """Project to a common width by a random Gaussian matrix, which keeps distances on average.

    Parameters
    ----------
    features : ndarray, shape (n, p)
    width : int
        Number of units kept; at most p.
    rng : Generator

    Returns
    -------
    ndarray, shape (n, width)

    Raises
    ------
    InputError
        If the representation is narrower.
    """
    units = features.shape[1]
    if not 1 <= width <= units:
        raise InputError("width to project to", expected=f"1 to {units}", got=width)
    weights = rng.standard_normal((units, width)) / np.sqrt(width)
    projected: Features = (features @ weights).astype(features.dtype)
    return projected
