"""Nulls of stimuli that may not trade places freely: permuted within blocks, or shifted in time."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from stages.core.run.errors import InputError

Array = NDArray[np.float64]
Ints = NDArray[np.intp]


@dataclass(frozen=True)
class BlockNull:
    """Mean and variance of Σ_ij A_ij B_π(i)π(j) where π permutes within blocks."""

    mean: float
    variance: float


def block_null(a: Array, b: Array, blocks: Ints) -> BlockNull:
    """Mean and variance of the product of two matrices, rows permuted within blocks alone.

    For stimuli that are alike within clusters or stages of an experiment: only order within them is
    exchangeable. Exact. The parts of each pair of blocks that permutations do not mix are
    uncorrelated: what is left of a rectangle once its rows and columns are centred; of a block of
    its own once it is U-centred; and, for the rows of one block, their effects in every rectangle
    and on the diagonal, which one permutation moves together.

    Parameters
    ----------
    a, b : ndarray, shape (n, n)
        Symmetric: debiased kernels with a diagonal of 0, double-centred ones, or dissimilarities.
    blocks : ndarray of int, shape (n,)
        Label of each row.

    Raises
    ------
    InputError
        If shapes do not agree.
    """
    if not a.shape == b.shape == (len(blocks), len(blocks)):
        got = f"{a.shape}, {b.shape} and {blocks.shape}"
        raise InputError("shapes that do not agree", where="matrices and blocks", got=got)
    members = [np.flatnonzero(blocks == label) for label in np.unique(blocks)]
    mean = variance = 0.0
    for place, rows in enumerate(members):
        mean += _own_mean(a, b, rows)
        variance += _own_variance(a, b, rows, members)
        for others in members[place + 1 :]:
            where, cells = np.ix_(rows, others), len(rows) * len(others)
            mean += 2 * float(a[where].sum() * b[where].sum()) / cells
            freedom = (len(rows) - 1) * (len(others) - 1)
            if freedom:
                squares = [float(np.square(_centred(one[where])).sum()) for one in (a, b)]
                variance += 4 * squares[0] * squares[1] / freedom
    return BlockNull(mean, variance)


def _own_mean(a: Array, b: Array, rows: Ints) -> float:
    """Share of one block in the mean."""
    count, where = len(rows), np.ix_(rows, rows)
    traces = [float(np.trace(one[where])) for one in (a, b)]
    mean = traces[0] * traces[1] / count
    if count > 1:
        off = [float(one[where].sum()) - trace for one, trace in zip((a, b), traces, strict=True)]
        mean += off[0] * off[1] / (count * (count - 1))
    return mean


def _own_variance(a: Array, b: Array, rows: Ints, members: list[Ints]) -> float:
    """Share in the variance of one block and of the effects of its rows."""
    count = len(rows)
    if count == 1:
        return 0.0
    moved = np.zeros((count, count))
    for others in members:
        if not np.array_equal(others, rows):
            means = [one[np.ix_(rows, others)].mean(axis=1) for one in (a, b)]
            moved += 2 * len(others) * _outer(*means)
    own = [one[np.ix_(rows, rows)] for one in (a, b)]
    moved += _outer(*(np.diag(one) for one in own))
    parts = [one - np.diag(np.diag(one)) for one in own]
    variance = 0.0
    if count > 2:
        effects = [part.sum(axis=1) / (count - 2) for part in parts]
        moved += 2 * (count - 2) * _outer(*effects)
    if count > 3:
        squares = [_u_square(part) for part in parts]
        variance = 2 * squares[0] * squares[1] / (count * (count - 3))
    return variance + float(np.square(moved).sum()) / (count - 1)


def _outer(one: Array, other: Array) -> Array:
    return np.outer(one - one.mean(), other - other.mean())


def _centred(rectangle: Array) -> Array:
    rows, columns = rectangle.mean(axis=1, keepdims=True), rectangle.mean(axis=0)
    centred: Array = rectangle - rows - columns + rectangle.mean()
    return centred


def _u_square(part: Array) -> float:
    """Sum of squares of a U-centred matrix, from one whose diagonal is 0."""
    n, sums = len(part), part.sum(axis=1)
    square = np.square(part).sum() - 2 * sums @ sums / (n - 2)
    return float(square + sums.sum() ** 2 / ((n - 1) * (n - 2)))


def circular_shifts(a: Array, b: Array) -> Array:
    """Products of one matrix with another whose rows and columns are shifted in a circle.

    For stimuli in an order that matters, such as time: shifts keep what neighbours have in common.
    All at once, in O(n² log n): for each distance between indices, the numbers at that distance
    are a circular series, and their products at all lags are a product of Fourier transforms.

    Parameters
    ----------
    a, b : ndarray, shape (n, n)

    Returns
    -------
    ndarray, shape (n,)
        Σ_ij A_ij B_(i+s)(j+s), for s = 0 to n - 1.
    """
    n = len(a)
    first = np.arange(n)
    second = (first + first[:, None]) % n
    spectra = [np.fft.rfft(one[first, second], axis=1) for one in (a, b)]
    products: Array = np.fft.irfft((spectra[0].conj() * spectra[1]).sum(axis=0), n)
    return products
