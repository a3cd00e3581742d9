"""Intervals of what is computed from correlations between people, over new people and samples."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.special import stdtrit

Array = NDArray[np.float64]
Statistic = Callable[[Array], Array]  # of correlations (..., n_people, n_people), by the first axes
TAIL = 0.025


@dataclass(frozen=True)
class Agreement:
    """How the series of people correlate.

    Attributes
    ----------
    whole : ndarray, shape (n_people, n_people)
    without : ndarray, shape (n_blocks, n_people, n_people)
        Without the samples of each block in turn.
    """

    whole: Array
    without: Array

    def of(self, people: NDArray[np.intp]) -> "Agreement":
        """Keep some people, in the order asked."""
        rows, columns = np.ix_(people, people)
        return Agreement(self.whole[rows, columns], self.without[:, rows, columns])


@dataclass(frozen=True)
class Interval:
    """A 95 % interval.

    Attributes
    ----------
    low, high : float
        Missing if the statistic is, or if it was undefined without somebody or some block.
    failed : float
        Share of the replicates in which it was undefined.
    """

    low: float
    high: float
    failed: float


def cut_blocks(runs: NDArray[np.object_], length: int) -> NDArray[np.intp]:
    """Cut every run into contiguous blocks of nearly equal length.

    Parameters
    ----------
    runs : ndarray, shape (n_samples,)
        Label of the run of each sample.
    length : int
        Samples in a block, about.

    Returns
    -------
    ndarray of int, shape (n_samples,)
        Number of each sample's block.
    """
    blocks = np.empty(len(runs), dtype=np.intp)
    count = 0
    for run in dict.fromkeys(runs):
        rows = np.flatnonzero(runs == run)
        pieces = np.array_split(rows, max(1, round(len(rows) / length)))
        for piece in pieces:
            blocks[piece] = count
            count += 1
    return blocks


def agreement(series: Array, blocks: NDArray[np.intp]) -> Agreement:
    """Correlate the series of people, on all samples and without each block.

    Parameters
    ----------
    series : ndarray, shape (n_people, n_samples)
    blocks : ndarray of int, shape (n_samples,)
        From 0, without gaps.

    Returns
    -------
    Agreement
        A series that is constant correlates 0 with others.
    """
    centred = series - series.mean(axis=1, keepdims=True)
    member = np.eye(int(blocks.max()) + 1)[:, blocks]
    sums = member @ centred.T
    products = np.stack([(centred * one) @ centred.T for one in member])
    n = member.sum(axis=1)
    left = (len(blocks) - n)[:, None, None]
    means = (sums.sum(axis=0) - sums) / left[:, 0]
    covariance = (products.sum(axis=0) - products) / left - means[:, :, None] * means[:, None, :]
    return Agreement(_correlation(products.sum(axis=0) / len(blocks)), _correlation(covariance))


def over_blocks(statistic: Statistic, of: Agreement) -> Interval:
    """Interval over new samples, of these very people: the delete-one-block jackknife.

    Parameters
    ----------
    statistic : callable
    of : Agreement

    References
    ----------
    Künsch 1989, The Annals of Statistics 17:1217.
    """
    value, replicates = float(statistic(of.whole)), statistic(of.without)
    return _student(value, [_variance(replicates)], np.array([len(replicates) - 1.0]), replicates)


def over_people_and_blocks(statistic: Statistic, of: Agreement, fixed: int = 0) -> Interval:
    """Interval over new people and new samples, crossed.

    The variance is that over people, plus that over blocks, less that over the cells of one person
    and block, which both contain (Cameron, Gelbach & Miller 2011, Journal of Business & Economic
    Statistics 29:238), each by the delete-one jackknife, and at least the greater of the first two;
    its degrees of freedom are Satterthwaite's.

    Parameters
    ----------
    statistic : callable
    of : Agreement
    fixed : int
        The first so many people are no sample of people, and always there.
    """
    people = np.arange(fixed, len(of.whole))
    everyone = np.arange(len(of.whole))
    parts = [
        np.array([float(statistic(of.of(everyone[everyone != j]).whole)) for j in people.tolist()]),
        statistic(of.without),
        np.concatenate([statistic(_without_cells(of, j)) for j in people.tolist()]),
    ]
    freedoms = np.array([len(people) - 1.0, len(of.without) - 1.0, 0.0])
    freedoms[2] = freedoms[0] * freedoms[1]
    variances = [_variance(part) for part in parts]
    value = float(statistic(of.whole))
    return _student(value, variances, freedoms, np.concatenate(parts))


def _without_cells(of: Agreement, j: int) -> Array:
    """Correlations where person j alone lacks each block in turn."""
    found = np.broadcast_to(of.whole, of.without.shape).copy()
    found[:, j], found[:, :, j] = of.without[:, j], of.without[:, :, j]
    return found


def _correlation(covariance: Array) -> Array:
    spread = np.sqrt(np.maximum(np.diagonal(covariance, axis1=-2, axis2=-1), 0.0))
    tiny = spread <= 1e-10 * spread.max(axis=-1, keepdims=True, initial=0)
    inverse = np.where(tiny, 0.0, 1.0 / np.where(tiny, 1.0, spread))
    return covariance * inverse[..., :, None] * inverse[..., None, :]


def _variance(replicates: Array) -> float:
    """Jackknife variance: of n replicates, (n - 1) / n of their sum of squares."""
    return float(replicates.var() * (len(replicates) - 1))


def _student(value: float, variances: list[float], freedoms: Array, replicates: Array) -> Interval:
    failed = float(np.mean(~np.isfinite(replicates)))
    if failed or not np.isfinite(value):
        return Interval(np.nan, np.nan, failed)
    signs = np.array([1.0, 1.0, -1.0])[: len(variances)]
    known = np.array(variances)
    total = float(signs @ known)
    at = int(known[:2].argmax())
    if total <= known[at]:
        total, freedom = float(known[at]), float(freedoms[at])
    else:
        freedom = float(total**2 / (known**2 / freedoms).sum())
    reach = -float(stdtrit(freedom, TAIL)) * np.sqrt(total)
    return Interval(value - reach, value + reach, failed)
