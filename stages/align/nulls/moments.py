"""Mean, sd, skewness and excess kurtosis of alignments under permuted rows, of all pairs."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import comb

import numpy as np
from numpy.typing import NDArray

from stages.align.nulls.invariants import Invariants
from stages.align.nulls.patterns import coefficients, leafless

Array = NDArray[np.float64]
SMALLEST = 1e-24  # variance of a cosine; less is rounding


@dataclass(frozen=True)
class Moments:
    """What a score is by chance; every array of shape (n_left, n_right).

    Attributes
    ----------
    mean, sd : ndarray
    skewness : ndarray
        Third moment around the mean, over sd³.
    excess : ndarray
        Fourth moment around the mean, over sd⁴, less 3.
    """

    mean: Array
    sd: Array
    skewness: Array
    excess: Array


def permutation_moments(left: Sequence[Invariants], right: Sequence[Invariants]) -> Moments:
    """Moments of the cosine between matrices of pairs, over all permutations of one's rows.

    Exact (see `stages.align.nulls.patterns`) for any number of rows from 4, where the sums are.

    Parameters
    ----------
    left, right : sequence of Invariants
        Of one form and of the same number of rows.
    """
    levels, shares = (
        [np.array([getattr(one, name) / one.norm for one in side]) for side in (left, right)]
        for name in ("level", "size")
    )
    here, there = ([one.sums for one in side] for side in (left, right))
    second, third, fourth = (central_moment(here, there, left[0].n, k) for k in (2, 3, 4))
    # One matrix may have effects of rows alone, and the other none.
    varies = second > SMALLEST
    sd = np.sqrt(np.where(varies, second, 0))
    by = np.where(varies, sd, 1)
    skewness, excess = np.where(varies, third, 0) / by**3, np.where(varies, fourth, 3) / by**4 - 3
    return Moments(np.outer(*levels), np.outer(*shares) * sd, skewness, excess)


def central_moment(
    left: Sequence[Mapping[str, float]],
    right: Sequence[Mapping[str, float]],
    n: int,
    order: int,
    directed: bool = False,
) -> Array:
    """Mean of a power of <U, U'> + <a, a'> over all permutations.

    Parameters
    ----------
    left, right : sequence of mapping of str to float
        Sums of each matrix by patterns.
    n : int
        Number of rows.
    order : int
        Of the moment.
    directed : bool
        Whether U and U' are without symmetry.

    Returns
    -------
    ndarray, shape (n_left, n_right)
    """
    total = np.zeros((len(left), len(right)))
    for marks in range(order + 1):
        names = leafless(order - marks, marks, directed)
        one, other = (
            np.array([[sums[name] for name in names] for sums in side]) for side in (left, right)
        )
        form = coefficients(order - marks, marks, n, directed)
        total += comb(order, marks) * (one @ form @ other.T)
    return total
