"""A standardised design in its principal components, from sums instead of rows."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from stages.core.regression.block_sums import Sums
from stages.core.regression.known import Known
from stages.core.regression.spectrum import Spectrum, components

Array = NDArray[np.float64]
LEFT = 1e-3  # share of a unit's variance that nuisance variables must leave: less loses digits


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


def summed(sums: Sums, known: Known | None, least: Array) -> Summed | None:
    """Factorise a design by its sums over training rows.

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
    Summed or None
        None where nuisance variables leave so little of a unit that its sums lose digits.
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
    power, axes = components(gram / scale / scale[:, None], max(sums.n, len(least)))
    spectrum = Spectrum(sums.mean[units], scale, axes, power)
    return Summed(spectrum, sums.mean[len(least) :], slopes)
