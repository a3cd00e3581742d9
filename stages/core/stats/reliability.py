"""How far a measurement agrees with itself, and what the mean of several would."""

from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

Series = NDArray[np.float64]
STEPS, TINY = 100, 1e-12
PIECES = 8  # of a series, that tell how its correlations vary
CLEAR = 4  # standard errors of a mean correlation that is clearly there
Agreement = TypeVar("Agreement", float, NDArray[np.float64])


def spearman_brown(agreement: Agreement, k: int) -> Agreement:
    """Reliability of the mean of k measurements, k r / (1 + (k - 1) r).

    Spearman 1910, British Journal of Psychology 3:271; Brown 1910, 3:296.

    Parameters
    ----------
    agreement : float or ndarray
        Mean correlation r between two of them; a negative one counts as 0.
    k : int
    """
    r = np.maximum(agreement, 0.0)
    reliability: Agreement = k * r / (1 + (k - 1) * r)
    return reliability


def two_term_bound(one: float, two: float, n: float = 3) -> float:
    """Correlation of means of measurements with what they are of, errors of two orders.

    Matrices of distances or products err by a term that falls as 1/n with the number n of
    measurements averaged, and by one that falls as 1/n², the product of noise and noise, so that
    Spearman and Brown's formula, which knows the first alone, is too low for them. With
    1 / r(n)² = 1 + a / n + b / n² for the correlation r(n) with what is measured, `one` is r(1)²,
    `two` r(1) r(2), and neither a nor b can be negative. Where rows are means of different numbers,
    their harmonic mean stands for n.

    Parameters
    ----------
    one : float
        Mean correlation of single measurements with each other.
    two : float
        Mean correlation of each with the mean of two others.
    n : float
        Measurements averaged.

    Returns
    -------
    float
        NaN where one of the correlations is not positive.
    """
    if one <= 0 or two <= 0:
        return float("nan")
    single, pair = 1 / one - 1, max(one / two**2 - 1, 0.0)
    both = (4 * (n - 1) * pair - (n - 2) * single) / n**2
    error = sorted((both, 4 * pair / n**2, 2 * pair / n))[1]
    return float(1 / np.sqrt(1 + error))


def bound_of_the_mean(agreement: float, k: int) -> float:
    """Correlation of the mean of k measurements with that of infinitely many.

    The square root of its reliability: no model can correlate more with the mean, in expectation.

    Parameters
    ----------
    agreement : float
        As in `spearman_brown`.
    k : int
    """
    return float(np.sqrt(spearman_brown(float(agreement), k)))


def agreement_with_others(series: Series) -> Series:
    """Mean correlation of each measurement with the others, drawn together where it is noise.

    What the correlations differ by is kept in the share that their sampling does not explain
    (James & Stein 1961); this is told from pieces of the series, so that neighbouring samples may
    be alike. Of two measurements, in few samples, or where the mean correlation is not clearly
    there, all are equal: a single one would be found to have all in common by chance.

    Parameters
    ----------
    series : ndarray, shape (n, n_samples)
        Standardised.

    Returns
    -------
    ndarray, shape (n,)
    """
    n, n_samples = series.shape
    products = series * (series.sum(axis=0) - series) / (n - 1)
    found: Series = products.mean(axis=1)
    mean = np.full(n, found.mean())
    seen = found.var(ddof=1)
    if n < 3 or n_samples < PIECES**2 or seen == 0:
        return mean
    pieces = np.stack([piece.mean(axis=1) for piece in np.array_split(products, PIECES, axis=1)])
    noise = float(pieces.var(axis=0, ddof=1).mean()) / PIECES
    if found.mean() < CLEAR * pieces.mean(axis=1).std(ddof=1) / np.sqrt(PIECES):
        return mean
    kept: Series = mean + max(0.0, 1 - noise / seen) * (found - mean)
    return kept


def loadings(agreement: Series) -> Series:
    """Correlation of each measurement with what all have in common, if that is one thing.

    Then the correlation of two is the product of theirs (Spearman 1904, American Journal of
    Psychology 15:201); found by fixed points of the mean correlation of each with the others, so
    that no quotient of two small correlations is taken.

    Parameters
    ----------
    agreement : ndarray, shape (n,)
        Mean correlation of each with the others; at least two.

    Returns
    -------
    ndarray, shape (n,)
        All 0 where the mean is not positive.
    """
    mean = float(agreement.mean())
    found: Series = np.full(len(agreement), np.sqrt(max(mean, 0.0)))
    for _ in range(STEPS if mean > 0 else 0):
        others = (found.sum() - found) / (len(found) - 1)
        ratio = np.maximum(agreement, 0.0) / np.maximum(others, TINY)
        found = np.sqrt(np.clip(found * ratio, 0, 1))
    return found


def bound_of_a_weighted_mean(series: Series, weights: Series) -> float:
    """Correlation of a weighted mean of measurements with what they have in common.

    Of all its variance, wᵀ C w, what each measurement has by itself, w² (1 - a²) for its loading a,
    is not common. Equal weights and loadings make it `bound_of_the_mean`.

    Parameters
    ----------
    series : ndarray, shape (n, n_samples)
        Standardised.
    weights : ndarray, shape (n,)
    """
    found = loadings(agreement_with_others(series))
    if not found.any():
        return 0.0
    whole = float(np.square(weights @ series).mean())
    alone = float((weights**2) @ (1 - found**2))
    return float(np.sqrt(max(whole - alone, 0.0) / whole))
