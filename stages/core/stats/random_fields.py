"""Random maps as smooth as one that was found: Gaussian fields whose covariance is fitted to it."""

from dataclasses import dataclass
from itertools import product

import numpy as np
from numpy.typing import NDArray
from scipy.linalg import solve_triangular
from scipy.spatial.distance import pdist, squareform
from scipy.special import ndtri
from scipy.stats import rankdata

Array = NDArray[np.float64]
Ints = NDArray[np.intp]
HALVINGS = np.arange(2, 12) / 2  # of the largest distance, that lead to a width
ROUGH = (0.001, 0.2, 0.5)  # shares of the variance that neighbours do not have in common
BENT = (2.0, 1.0)  # powers of the distance: Gaussian and exponential covariance


@dataclass(frozen=True)
class Field:
    """A covariance of regions.

    Attributes
    ----------
    width : float
        Distance at which what neighbours have in common falls to exp(-1/2), in units of the places.
    root : ndarray, shape (n_regions, n_regions)
        Its Cholesky factor.
    """

    width: float
    root: Array


def random_fields(places: Array) -> list[Field]:
    """Make the covariances that are fitted: of several widths, roughnesses and bends.

    Parameters
    ----------
    places : ndarray, shape (n_regions, n_dimensions)
        At least two of them apart.
    """
    distances = squareform(pdist(places))
    alone = np.eye(len(places))
    fields = []
    for halvings, rough, bent in product(HALVINGS, ROUGH, BENT):
        width = float(distances.max() * 2.0**-halvings)
        common = np.exp(-((distances / width) ** bent) / 2)
        fields.append(Field(width, np.linalg.cholesky((1 - rough) * common + rough * alone)))
    return fields


def fit_fields(values: Array, fields: list[Field]) -> Ints:
    """Choose for every map the covariance that is most likely to give it.

    By restricted maximum likelihood (Patterson & Thompson 1971, Biometrika 58:545), with a mean and
    a variance of its own, of the map's ranks brought to a normal distribution.

    Parameters
    ----------
    values : ndarray, shape (n_maps, n_regions)
        None constant.
    fields : list of Field

    Returns
    -------
    ndarray of int, shape (n_maps,)
    """
    n = values.shape[1]
    scores = ndtri((rankdata(values, axis=1) - 0.5) / n).T
    with_one = np.column_stack([np.ones(n), scores])
    likely = np.empty((len(fields), len(values)))
    for place, field in enumerate(fields):
        white = solve_triangular(field.root, with_one, lower=True)
        one, maps = white[:, :1], white[:, 1:]
        size = float((one**2).sum())
        left = ((maps - one * (one * maps).sum(axis=0) / size) ** 2).sum(axis=0)
        volume = 2 * float(np.log(field.root.diagonal()).sum()) + np.log(size)
        likely[place] = -((n - 1) * np.log(left) + volume) / 2
    chosen: Ints = likely.argmax(axis=0)
    return chosen
