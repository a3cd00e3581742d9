"""Similarities between profiles, what they are by chance, and how high they can be."""

import numpy as np
from numpy.typing import NDArray
from scipy.stats import rankdata

from stages.core.stats.reliability import spearman_brown

Array = NDArray[np.float64]
Ints = NDArray[np.intp]


def permutations(families: NDArray[np.str_], draws: int, seed: int) -> Ints:
    """Draw orders of the features in which each stays within its family.

    Families differ in how well they are read from anything; shuffled across them, any two
    profiles would agree.

    Parameters
    ----------
    families : ndarray of str, shape (n_features,)
    draws : int
    seed : int

    Returns
    -------
    ndarray of int, shape (draws, n_features)
    """
    rng = np.random.default_rng(seed)
    orders = np.tile(np.arange(len(families)), (draws, 1))
    for name in np.unique(families):
        members = np.flatnonzero(families == name)
        orders[:, members] = rng.permuted(orders[:, members], axis=1)
    return orders


def unit(vectors: Array) -> Array:
    """Scale each column to length 1, so that products are cosines; a column of zeros stays."""
    length = np.sqrt((vectors**2).sum(axis=0))
    scaled: Array = vectors / np.where(length > 0, length, 1)
    return scaled


def unit_ranks(vectors: Array) -> Array:
    """Rank each column, centre and scale, so that products are Spearman correlations."""
    ranked = rankdata(vectors, axis=0)
    return unit(ranked - ranked.mean(axis=0))


def products(one: Array, other: Array, orders: Ints) -> tuple[Array, Array]:
    """Multiply every column of one with every column of the other, as they are and permuted.

    Parameters
    ----------
    one : ndarray, shape (n_features, n_regions)
    other : ndarray, shape (n_features, n_layers)
    orders : ndarray of int, shape (draws, n_features)

    Returns
    -------
    observed : ndarray, shape (n_regions, n_layers)
    null : ndarray, shape (n_regions, n_layers, draws)
    """
    permuted = np.tensordot(one[orders], other, axes=([1], [0]))
    return one.T @ other, np.moveaxis(permuted, 0, -1)


def kappa(both: Array, one: Array, other: Array, n_features: int) -> Array:
    """Agreement of two sets of features beyond chance (Cohen 1960).

    Parameters
    ----------
    both : ndarray, shape (n_regions, n_layers) or (n_regions, n_layers, draws)
        Number of features in both sets.
    one : ndarray, shape (n_regions,)
        Number in the region's set.
    other : ndarray, shape (n_layers,)
        Number in the layer's set.
    n_features : int

    Returns
    -------
    ndarray, shape as `both`
        1 for equal sets, 0 by chance; 0 where chance alone makes them agree.
    """
    shape = (len(one), len(other)) + (1,) * (both.ndim - 2)
    a = np.broadcast_to(one[:, None], (len(one), len(other))).reshape(shape)
    b = np.broadcast_to(other, (len(one), len(other))).reshape(shape)
    agreed = (n_features - a - b + 2 * both) / n_features
    expected = (a * b + (n_features - a) * (n_features - b)) / n_features**2
    room = 1 - expected
    value: Array = np.where(room > 0, (agreed - expected) / np.where(room > 0, room, 1), 0.0)
    return value


def preference(similarity: Array) -> Array:
    """Keep what is particular to a pair: the interaction of region and layer.

    Layers of one network have much in common, and so have regions; less the means of its region
    and of its layer, a similarity tells which layer a region resembles more than others do.

    Parameters
    ----------
    similarity : ndarray, shape (n_regions, n_layers, ...)
    """
    regions = similarity.mean(axis=0, keepdims=True)
    layers = similarity.mean(axis=1, keepdims=True)
    overall = similarity.mean(axis=(0, 1), keepdims=True)
    particular: Array = similarity - regions - layers + overall
    return particular


def reliability(odd: Array, even: Array) -> Array:
    """Reliability of profiles from their halves, by Spearman and Brown's formula.

    Parameters
    ----------
    odd, even : ndarray, shape (n_features, n_profiles)
        Of unit length.

    Returns
    -------
    ndarray, shape (n_profiles,)
        0 where the halves do not agree.
    """
    agreement: Array = (odd * even).sum(axis=0)
    return spearman_brown(agreement, 2)
