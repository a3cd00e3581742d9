"""A null for maps of regions whose neighbours are alike: Moran spectral randomisation."""

import numpy as np
from numpy.typing import NDArray
from scipy.spatial.distance import pdist, squareform
from scipy.stats import rankdata

Array = NDArray[np.float64]
NOTHING = 1e-8  # share of the largest eigenvalue up to which an axis tells nothing


def moran_axes(places: Array) -> Array:
    """Orthonormal maps from the coarsest to the finest pattern that regions at these places make.

    Eigenvectors of the doubly centred matrix of inverse distances (Dray, Legendre & Peres-Neto
    2006, Ecological Modelling 196:483). Places that coincide are taken for as near as the nearest
    two that do not.

    Parameters
    ----------
    places : ndarray, shape (n_regions, n_dimensions)
        At least two of them apart.

    Returns
    -------
    ndarray, shape (n_regions, n_axes)
    """
    distances = pdist(places)
    near = 1.0 / np.maximum(distances, distances[distances > 0].min())
    centre = np.eye(len(places)) - 1 / len(places)
    values, vectors = np.linalg.eigh(centre @ squareform(near) @ centre)
    kept: Array = vectors[:, np.abs(values) > NOTHING * np.abs(values).max()]
    return kept


def spatial_spearman(
    values: Array, y: Array, places: Array, draws: int, rng: np.random.Generator
) -> tuple[Array, Array]:
    """Correlate maps with a coordinate, and hold them against maps as smooth as they are.

    The ranks of a map are taken apart by `moran_axes`, and added up again with signs drawn anew
    (singleton randomisation, Wagner & Dray 2015, Methods in Ecology and Evolution 6:1169): how
    much of the map varies at which scale stays as it is, and where does not.

    Parameters
    ----------
    values : ndarray, shape (n_maps, n_regions)
    y : ndarray, shape (n_regions,)
        Not constant.
    places : ndarray, shape (n_regions, n_dimensions)
    draws : int
    rng : Generator

    Returns
    -------
    rho, p : ndarray, shape (n_maps,)
        p = (b + 1) / (draws + 1), b the draws that reach the correlation in size; it is at least
        2^(1 - n_axes) or so. Both are missing where a map is constant.
    """
    maps, line = unit_ranks(values), unit_ranks(y[None])[0]
    axes = moran_axes(places)
    shares = (maps @ axes) * (line @ axes)
    signs = rng.choice([-1.0, 1.0], size=(axes.shape[1], draws))
    rho: Array = maps @ line
    # Held against what the axes tell of it, which is all unless places coincide.
    reached = (np.abs(shares @ signs) >= np.abs(shares.sum(axis=1))[:, None] - 1e-12).sum(axis=1)
    p: Array = np.where(np.isfinite(rho), (reached + 1) / (draws + 1), np.nan)
    return rho, p


def unit_ranks(values: Array) -> Array:
    """Ranks of each row, centred, of unit length; missing where the row is constant."""
    ranks = rankdata(values, axis=1)
    ranks -= ranks.mean(axis=1, keepdims=True)
    length = np.linalg.norm(ranks, axis=1, keepdims=True)
    units: Array = ranks / np.where(length > 0, length, np.nan)
    return units
