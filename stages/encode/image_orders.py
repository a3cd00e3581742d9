"""Orders of images that chance is made of, where some are nearly the same."""

import numpy as np
from numpy.typing import NDArray

Ints = NDArray[np.intp]


def image_orders(groups: Ints, draws: int, rng: np.random.Generator) -> Ints:
    """Draw orders in which images of one group stay together.

    Images that are nearly the same have like features and may have like responses. In an order of
    single images what they share is no more, so that chance would be too narrow: groups take
    the places of others that are as large, each in any order of its own images. A group that alone
    is of its size keeps its places.

    Parameters
    ----------
    groups : ndarray of int, shape (n_images,)
        Which images are nearly the same.
    draws : int
    rng : Generator

    Returns
    -------
    ndarray of int, shape (draws, n_images)
    """
    _, place, sizes = np.unique(groups, return_inverse=True, return_counts=True)
    rows = np.argsort(place, kind="stable")
    starts = np.cumsum(sizes) - sizes
    alike = [rows[starts[sizes == size][:, None] + np.arange(size)] for size in np.unique(sizes)]
    orders = np.empty((draws, len(groups)), dtype=np.intp)
    for order in orders:
        for own in alike:
            order[own] = rng.permuted(own[rng.permutation(len(own))], axis=1)
    return orders
