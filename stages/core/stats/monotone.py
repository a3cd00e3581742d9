"""Monotone curves, many at once: the isotonic fit and the times at which it passes levels."""

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]


def isotonic(values: Array) -> Array:
    """Fit non-decreasing curves by least squares.

    The fit at a point is the greatest, over starts up to it, of the least, over ends from it, of
    the means between start and end (Robertson, Wright & Dykstra 1988, Order Restricted
    Statistical Inference, theorem 1.4.4). Unlike the pooling of adjacent violators it takes many
    curves at once.

    Parameters
    ----------
    values : ndarray, shape (..., n_points)
        In the order of training.

    Returns
    -------
    ndarray, shape (..., n_points)
    """
    points = values.shape[-1]
    total = np.concatenate([np.zeros((*values.shape[:-1], 1)), values.cumsum(axis=-1)], axis=-1)
    start, end = np.ogrid[:points, :points]
    length = end - start + 1
    means = (total[..., None, 1:] - total[..., :-1, None]) / np.maximum(length, 1)
    means = np.where(length > 0, means, np.inf)
    least = np.minimum.accumulate(means[..., ::-1], axis=-1)[..., ::-1]
    return np.asarray(np.where(length > 0, least, -np.inf).max(axis=-2))


def passing(octaves: Array, fitted: Array, levels: Array) -> Array:
    """Find where non-decreasing curves first reach levels, by linear interpolation.

    Parameters
    ----------
    octaves : ndarray, shape (n_points,)
        Increasing; the first may be -inf (before the first update).
    fitted : ndarray, shape (..., n_points)
    levels : ndarray, shape (..., n_levels)

    Returns
    -------
    ndarray, shape (..., n_levels)
        Missing where a level lies above the curve, or is passed before the first finite octave.
    """
    reached = fitted[..., None, :] >= levels[..., None]
    after = reached.argmax(axis=-1)
    before = np.maximum(after - 1, 0)
    high = np.take_along_axis(fitted, after, axis=-1)
    low = np.take_along_axis(fitted, before, axis=-1)
    known = (after > 0) & np.isfinite(octaves[before])
    step = np.where(known, high - low, 1.0)
    share = np.where(known, levels - low, 0.0) / step
    start = np.where(known, octaves[before], 0.0)
    length = np.where(known, octaves[after] - start, 0.0)
    return np.asarray(np.where(known, start + share * length, np.nan))
