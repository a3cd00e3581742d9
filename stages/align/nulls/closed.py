"""Nulls in closed form of all pairs: kernels, dissimilarities, shared neighbours and subspaces."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from stages.align.nulls.graph_counts import GraphSums, count_tail, shared_neighbours
from stages.align.nulls.invariants import Invariants
from stages.align.nulls.matrix_sums import Key, matrix_of
from stages.align.nulls.moments import permutation_moments
from stages.align.nulls.subspace_table import random_subspaces
from stages.align.nulls.tail import moment_bound, upper_tail
from stages.align.nulls.trust import LEAST_ROWS, is_count_trusted, is_trusted
from stages.align.representation import Featured
from stages.align.routines.subspaces import leading
from stages.core.names.metrics import Metric
from stages.core.stats.backend import Backend

FLAT = 16  # units of rounding
LARGEST_LEVERAGE = 0.5  # of one row in the directions of SVCCA, beyond the mean of all

Array = NDArray[np.float64]
Bools = NDArray[np.bool_]


@dataclass(frozen=True)
class Null:
    """What a score is by chance, and how often chance reaches it; arrays (n_left, n_right).

    Attributes
    ----------
    mean, sd, p : ndarray
    trusted : ndarray of bool
        Whether p may be used.
    bound : ndarray
        That p is not above, whatever the shape of the null.
    """

    mean: Array
    sd: Array
    p: Array
    trusted: Bools
    bound: Array


def standardised(score: Array, mean: Array, sd: Array) -> Array:
    """How many sd a score is above the mean of its null; 0 where the null does not vary."""
    varies = sd > 1e-12
    z: Array = np.where(varies, (score - mean) / np.where(varies, sd, 1), 0)
    return z


def sums_nulls(
    left: Sequence[Mapping[Key, Invariants]],
    right: Sequence[Mapping[Key, Invariants]],
    metrics: Sequence[Metric],
    scores: Mapping[str, Array],
    backend: Backend,
) -> dict[str, Null]:
    """Nulls of CKA and of RSA, from the sums of all matrices of both sides.

    Parameters
    ----------
    left, right : sequence of mapping of Invariants
        Of each representation, by `stages.align.nulls.matrix_sums.matrix_of`.
    metrics : sequence of Metric
        Of the families `kernel` and `dissimilarity`.
    scores : mapping of str to ndarray, shape (n_left, n_right)
        By metric.
    backend : Backend
    """
    found = {}
    for metric in metrics:
        here, there = ([_seen_by(metric, sums) for sums in side] for side in (left, right))
        null = permutation_moments(here, there)
        varies = _vary(here, backend.eps)[:, None] & _vary(there, backend.eps)
        sd = np.where(varies, null.sd, 0.0)
        z = standardised(scores[metric.name], null.mean, sd)
        p = np.where(varies, upper_tail(z, null.skewness, null.excess), 1.0)
        # What is estimated bounds nothing.
        excess = null.excess if here[0].exact else np.full_like(z, np.inf)
        trusted = is_trusted(here, there, null) | ~varies
        found[metric.name] = Null(null.mean, sd, p, trusted, moment_bound(z, excess))
    return found


def _is_even(basis: Array) -> bool:
    """Whether no row alone makes most of a direction."""
    usual = float(np.square(basis).sum()) / len(basis)
    return bool(np.square(basis).sum(axis=1).max() <= LARGEST_LEVERAGE + usual)


def _vary(side: Sequence[Invariants], eps: float) -> Bools:
    """Whether permutations change each matrix by more than rounding."""
    return np.array([one.size > FLAT * eps * one.norm for one in side])


def _seen_by(metric: Metric, sums: Mapping[Key, Invariants]) -> Invariants:
    """Leave out of a matrix what a metric does not compare."""
    found = sums[matrix_of(metric)]
    if metric.kind.routine == "kernel":
        return found if metric.biased else found.off_diagonal()
    return found if metric.comparison == "cosine" else found.without_level()


def shared_null(left: Sequence[GraphSums], right: Sequence[GraphSums], score: Array) -> Null:
    """Null of mutual kNN.

    Parameters
    ----------
    left, right : sequence of GraphSums
    score : ndarray, shape (n_left, n_right)
    """
    n, k = left[0].n, left[0].k
    null, count = shared_neighbours(left, right), score * n * k
    count = np.where(null.step < 1, count, np.round(count))
    mean, sd = null.mean / (n * k), null.sd / (n * k)
    bound = moment_bound(standardised(score, mean, sd), np.full(score.shape, np.inf))
    return Null(mean, sd, count_tail(count, null), is_count_trusted(null, n), bound)


def subspace_null(
    left: Sequence[Featured], right: Sequence[Featured], score: Array, seed: int
) -> Null:
    """Null of SVCCA: one table of random subspaces for every two numbers of directions."""
    sides = [
        [leading(one, f"{name}[{place}]") for place, one in enumerate(side)]
        for name, side in (("left", left), ("right", right))
    ]
    ranks = [[int(basis.any(axis=0).sum()) for basis in side] for side in sides]
    n = left[0].shape[0]
    even = [[_is_even(basis) for basis in side] for side in sides]
    trusted = np.array(even[0])[:, None] & np.array(even[1]) & (n >= LEAST_ROWS)
    mean, sd, p = (np.empty(score.shape) for _ in range(3))
    for row, one in enumerate(ranks[0]):
        for column, other in enumerate(ranks[1]):
            table = random_subspaces(n, *sorted((one, other)), seed)
            reached = len(table) - np.searchsorted(table, score[row, column] - 1e-12)
            mean[row, column], sd[row, column] = table.mean(), table.std()
            p[row, column] = (reached + 1) / (len(table) + 1)
    return Null(mean, sd, p, trusted, np.ones(score.shape))
