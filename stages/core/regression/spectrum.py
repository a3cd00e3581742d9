"""Training rows of a design in the axes of their principal components."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]


@dataclass(frozen=True)
class Spectrum:
    """A standardised training design in the axes of its principal components.

    Attributes
    ----------
    mean, scale : ndarray, shape (n_units,)
        Of the training rows; a unit that counts as constant there has scale infinity.
    axes : ndarray, shape (n_units, n_components)
    power : ndarray, shape (n_components,)
        Squared singular values.
    """

    mean: Array
    scale: Array
    axes: Array
    power: Array

    def standardise(self, rows: Array) -> Array:
        """Scale rows as the training rows are scaled."""
        scaled: Array = (rows - self.mean) / self.scale
        return scaled

    def project(self, rows: Array) -> Array:
        """Bring rows into the axes of the components."""
        return self.standardise(rows) @ self.axes


def spectrum(rows: Array, least: Array) -> Spectrum:
    """Factorise training rows through the smaller of their two Gram matrices.

    Parameters
    ----------
    rows : ndarray, shape (n_train, n_units)
    least : ndarray, shape (n_units,)
        Standard deviations up to which a unit counts as constant.
    """
    mean, scale = rows.mean(axis=0), rows.std(axis=0)
    scale[scale <= least] = np.inf
    standard = (rows - mean) / scale
    tall = rows.shape[0] >= rows.shape[1]
    gram = standard.T @ standard if tall else standard @ standard.T
    power, vectors = components(gram, max(rows.shape))
    axes = vectors if tall else standard.T @ (vectors / np.sqrt(power))
    return Spectrum(mean, scale, axes, power)


def components(gram: Array, size: int) -> tuple[Array, Array]:
    """Find eigenvalues of a Gram matrix, and eigenvectors in columns, but for those of rounding.

    Parameters
    ----------
    gram : ndarray, shape (n, n)
    size : int
        The larger side of the matrix that it is of.
    """
    power, vectors = np.linalg.eigh(gram)
    keep = power > power[-1] * size * np.finfo(float).eps
    return power[keep], vectors[:, keep]
