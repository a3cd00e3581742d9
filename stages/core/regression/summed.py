"""A standardised design and its principal components, from sums instead of rows."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from stages.core.regression.block_sums import Sums
from stages.core.regression.known import Known
from stages.core.regression.spectrum import Spectrum, components

Array = NDArray[np.float64]
LEFT = 1e-3  # share of a unit's variance that nuisance variables must leave: less loses digits


class Scaling(NamedTuple):
    """What standardises a design on some training rows.

    Attributes
    ----------
    mean, scale : ndarray, shape (n_units,)
        Of the units, and of what the nuisance variables leave of them; a unit that counts as
        constant has scale infinity.
    middle : ndarray, shape (n_variables,)
        Means of the nuisance variables.
    slopes : ndarray, shape (n_variables, n_units)
        Of the units on the nuisance variables.
    """

    mean: Array
    scale: Array
    middle: Array
    slopes: Array


class Summed(NamedTuple):
    """A design on some training rows.

    Attributes
    ----------
    spectrum : Spectrum
        Of what the nuisance variables leave, but for the mean, which is that of the units.
    middle : ndarray, shape (n_variables,)
        Means of the nuisance variables.
    slopes : ndarray, shape (n_variables, n_units)
        Of the units on the nuisance variables.
    """

    spectrum: Spectrum
    middle: Array
    slopes: Array


def standardised(sums: Sums, known: Known | None, least: Array) -> tuple[Array, Scaling] | None:
    """Make the products of a standardised design of its sums over training rows.

    Parameters
    ----------
    sums : Sums
        Of the units and, after them, of the nuisance variables.
    known : Known or None
        The nuisance variables on these rows.
    least : ndarray, shape (n_units,)
        Standard deviations up to which a unit counts as constant.

    Returns
    -------
    ndarray, shape (n_units, n_units)
        Gram matrix of the standardised rows, without what the nuisance variables explain.
    Scaling
        None of either where nuisance variables leave so little of a unit that its sums lose digits.
    """
    units = slice(len(least))
    gram, whole = sums.scatter[units, units], np.diag(sums.scatter)[units]
    across = sums.scatter[len(least) :, units]
    slopes = np.zeros_like(across)
    if known is not None:
        slopes = known.weights @ (known.weights.T @ across)
        gram = gram - across.T @ slopes
    left = np.diag(gram)
    varies = whole > sums.n * least**2
    if (left < LEFT * whole)[varies].any():
        return None
    scale = np.sqrt(np.maximum(left, 0) / sums.n)
    scale[scale <= least] = np.inf
    products = gram / scale / scale[:, None]
    return products, Scaling(sums.mean[units], scale, sums.mean[len(least) :], slopes)


def summed(gram: Array, scaling: Scaling, n: int) -> Summed:
    """Factorise a design by its Gram matrix over n rows."""
    power, axes = components(gram, max(n, len(gram)))
    found = Spectrum(scaling.mean, scaling.scale, axes, power)
    return Summed(found, scaling.middle, scaling.slopes)
