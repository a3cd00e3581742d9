"""Responses with the geometry of the signal that is in noisy ones."""

from collections.abc import Callable

import numpy as np
from scipy.optimize import brentq

from stages.align.representation import Features
from stages.core.stats.backend import Array

ALL_BUT_ONE = 1 - 1e-6  # share of the largest eigenvalue whose removal leaves one direction


def signal_like(responses: Features, share: Array) -> Array:
    """Make responses whose geometry is that of the signal in noisy ones, as far as moments tell.

    Each voxel's variance is that of its signal; the mean squared product of two stimuli's
    responses, the numerator of linear CKA, is what remains of the noisy responses' when that of
    independent noise is taken away. For voxels of variance v of which a share s is signal, noise
    adds Σ v² (1 - s²) to it: Σ v² (1 - s)² by itself, and 2 Σ v² s (1 - s) with the signal. To
    match both, a constant is taken from the eigenvalues of the responses' covariance, those below
    it are set to 0, and voxels are rescaled.

    Parameters
    ----------
    responses : ndarray, shape (n, n_voxels)
    share : ndarray, shape (n_voxels,)
        Share of each voxel's variance that is signal.

    Returns
    -------
    ndarray, shape (n, n_voxels)
        Centred.
    """
    centred = np.asarray(responses, dtype=np.float64)
    centred = centred - centred.mean(axis=0)
    n = len(centred)
    variance = centred.var(axis=0, ddof=1)
    # The square of an estimated variance is too large by (n + 1) / (n - 1) on average.
    noise = float(np.square(variance) @ (1 - np.square(share))) * (n - 1) / (n + 1)
    wanted, deviation = _squared_products(centred) - noise, np.sqrt(variance * share)
    shrink = _shrinkage(centred)

    def without(removed: float) -> Array:
        return _rescaled(shrink(removed), deviation)

    def excess(removed: float) -> float:
        return _squared_products(without(removed)) - wanted

    if excess(0) >= 0:
        return without(0)
    if excess(ALL_BUT_ONE) <= 0:
        return without(ALL_BUT_ONE)
    return without(float(brentq(excess, 0, ALL_BUT_ONE, xtol=1e-6)))


def _squared_products(centred: Array) -> float:
    """Unbiased mean of the squared products of two rows, debiased HSIC with itself.

    Song et al. (2012, eq. 5) where the kernel's rows sum to 0 before its diagonal is left out.
    """
    n, width = centred.shape
    gram = centred.T @ centred if width <= n else centred @ centred.T
    diagonal = np.square(centred).sum(axis=1)
    whole = np.square(gram).sum() + diagonal.sum() ** 2 / ((n - 1) * (n - 2))
    total = whole - np.square(diagonal).sum() * n / (n - 2)
    return float(total / (n * (n - 3)))


def _shrinkage(centred: Array) -> Callable[[float], Array]:
    """Prepare to take a share of the largest eigenvalue from all of them."""
    n, width = centred.shape
    is_tall = width <= n
    values, vectors = np.linalg.eigh(centred.T @ centred if is_tall else centred @ centred.T)
    relative = np.maximum(values / values[-1], np.finfo(float).eps)

    def shrink(removed: float) -> Array:
        kept = np.sqrt(np.maximum(1 - removed / relative, 0))
        turned = (vectors * kept) @ vectors.T
        shrunk: Array = centred @ turned if is_tall else turned @ centred
        return shrunk

    return shrink


def _rescaled(rows: Array, deviation: Array) -> Array:
    found = rows.std(axis=0, ddof=1)
    factor = np.divide(deviation, found, out=np.zeros_like(found), where=found > 0)
    scaled: Array = rows * factor
    return scaled
