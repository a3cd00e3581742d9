"""Ceilings from how the series of people correlate: of halves, of one with others, in the limit.

All take correlations of shape (..., n_people, n_people) and answer for each of the first axes.
The mean of people is that of standardised series.
"""

import numpy as np
from numpy.typing import NDArray

from stages.core.stats.subject_subsets import drawn_masks

Array = NDArray[np.float64]
Masks = NDArray[np.bool_]
TINY = 1e-12


def signed_root(value: Array) -> Array:
    """Square root that keeps the sign: of a reliability, the correlation with what is reliable."""
    root: Array = np.sign(value) * np.sqrt(np.abs(value))
    return root


def mean_agreement(correlations: Array) -> Array:
    """Mean correlation of two different people; missing where there is one."""
    n = correlations.shape[-1]
    diagonal = np.trace(correlations, axis1=-2, axis2=-1)
    together: Array = correlations.sum(axis=(-2, -1)) - diagonal
    return together / (n * (n - 1)) if n > 1 else np.full_like(together, np.nan)


def with_others(correlations: Array) -> Array:
    """Correlation of each person with the mean of the others, shape (..., n_people).

    0 where the others cancel.
    """
    diagonal = np.diagonal(correlations, axis1=-2, axis2=-1)
    own = correlations.sum(axis=-1) - diagonal
    rest = correlations.sum(axis=(-2, -1))[..., None] - 2 * own - diagonal
    found: Array = np.divide(own, np.sqrt(np.maximum(rest, 0.0)), where=rest > TINY, out=0.0 * own)
    return found


def with_infinitely_many(correlations: Array) -> Array:
    """Correlation of each person with the mean of infinitely many like the others.

    With n others it is m / sqrt((1 + (n - 1) c) / n) for the mean correlation m of the person with
    another and c of two others, so that m / sqrt(c) is its limit: with one factor that is common
    to all, the person's loading (Spearman 1904, American Journal of Psychology 15:72), and without
    it too, as long as the others stand for those who were not measured.

    Returns
    -------
    ndarray, shape (..., n_people)
        Missing where the others do not agree, c <= 0, or are fewer than two.
    """
    n = correlations.shape[-1]
    diagonal = np.diagonal(correlations, axis1=-2, axis2=-1)
    own = correlations.sum(axis=-1) - diagonal
    rest = own.sum(axis=-1, keepdims=True) - 2 * own
    agree = (rest > 0) if n > 2 else np.zeros(own.shape, dtype=bool)
    common = np.where(agree, rest, np.nan) / max((n - 1) * (n - 2), 1)
    limit: Array = own / (n - 1) / np.sqrt(common)
    return limit


def half_masks(n_people: int, most: int, seed: int) -> Masks:
    """Choose halves of people: all, or, if there are more than so many, a seeded draw.

    Returns
    -------
    ndarray of bool, shape (n_splits, n_people)
        The first, smaller half of each split; splits of an even number occur once.
    """
    size = n_people // 2
    masks = drawn_masks(n_people, size, most * (2 if n_people == 2 * size else 1), seed)
    if n_people == 2 * size:
        masks = np.where(masks[:, :1], masks, ~masks)
        masks = np.unique(masks, axis=0)
    return masks[:most]


def split_half(correlations: Array, halves: Masks) -> Array:
    """Reliability of the mean of all people, from halves, by Spearman and Brown's formula.

    The correlation r of the means of n₁ and of n₂ people, averaged over splits, tells that of two
    people, ρ, by r² (1 + (n₁ - 1) ρ) (1 + (n₂ - 1) ρ) = n₁ n₂ ρ² (Horst 1951, Educational and
    Psychological Measurement 11:368, for halves of unequal length), and ρ that of the mean of all.

    Parameters
    ----------
    correlations : ndarray, shape (..., n_people, n_people)
    halves : ndarray of bool, shape (n_splits, n_people)

    Returns
    -------
    ndarray, shape (...)
        With the sign of r.
    """
    one, other = halves.astype(float), (~halves).astype(float)
    sums = [
        np.einsum("...sj,sj->...s", left @ correlations, right)
        for left, right in ((one, other), (one, one), (other, other))
    ]
    length = np.sqrt(np.maximum(sums[1] * sums[2], 0.0))
    r = np.divide(sums[0], length, out=np.zeros_like(length), where=length > 0).mean(axis=-1)
    n, k = halves.shape[1], int(halves[0].sum())
    square = r**2
    a, b = k * (n - k) - square * (k - 1) * (n - k - 1), square * (n - 2)
    single = (b + np.sqrt(b**2 + 4 * a * square)) / (2 * a)
    whole: Array = np.sign(r) * n * single / (1 + (n - 1) * single)
    return whole
