"""Where four moments tell the tail of a null, and where only draws do."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from stages.align.nulls.graph_counts import CountNull
from stages.align.nulls.invariants import Invariants
from stages.align.nulls.moments import Moments

LEAST_ROWS = 20
MOST_EXCESS = 0.5  # beyond that of a gamma variable of the same skewness
LARGEST_PAIR, LARGEST_ROW = 0.15, 0.25  # share of the squares that one may take
SMALL_EXCESS, MOST_SCALE = 0.1, 2.0
LARGEST_JUMP = 1.0  # in sd, of a count of shared neighbours


def is_trusted(
    left: Sequence[Invariants], right: Sequence[Invariants], moments: Moments
) -> NDArray[np.bool_]:
    """Say for which pairs `stages.align.nulls.tail.upper_tail` may be used.

    Compared with up to 1e6 permutations of low-rank, power-law, clustered, heavy-tailed and RBF
    kernels and of measured dissimilarities, n from 20 to 150: within the rule p is .93 to 1.07
    times what it should be at .05 and .01, .86 to 1.32 at .001 and .65 to 2.7 at .0001. Outside it,
    with one row far from all others, near-duplicate rows or kernels near the diagonal, it is wrong
    by any factor, while mean and sd stay exact.

    The last condition leaves out nulls with heavy tails on both sides, which the sum of a gamma
    and a normal variable cannot have: its gamma part would be rarer and larger than one in
    `MOST_SCALE` sd.

    Returns
    -------
    ndarray of bool, shape (n_left, n_right)
    """
    if left[0].n < LEAST_ROWS:
        return np.zeros((len(left), len(right)), dtype=np.bool_)
    square = moments.skewness**2
    heavy = (moments.excess - 1.5 * square) / np.maximum(1, square) > MOST_EXCESS
    lone = moments.excess > 3 * MOST_SCALE * np.abs(moments.skewness)
    both = lone & (moments.excess > SMALL_EXCESS)
    even = np.logical_and.outer(
        *(
            np.array([one.pair <= LARGEST_PAIR and one.row <= LARGEST_ROW for one in side])
            for side in (left, right)
        )
    )
    here, there = (np.array([one.busy for one in side]) for side in (left, right))
    busy = here[:, None] * there
    # What two rows far from all others add to the excess, when their sums were not looked at.
    lonely = 12 * left[0].n * busy**2 > SMALL_EXCESS
    trusted: NDArray[np.bool_] = even & ~heavy & ~both & ~lonely
    return trusted


def is_count_trusted(null: CountNull, n: int) -> NDArray[np.bool_]:
    """Say for which pairs of graphs of n rows `count_tail` may be used.

    Where both have a row that is the neighbour of most, the number of shared neighbours depends on
    whether these two rows meet: it comes in lumps, which three moments do not tell. Compared with
    40,000 permutations of graphs with 0 to 10 planted hubs and of features that make some, n from
    60 to 400 and k of 5 and 10: up to a jump of 1 sd, p is .95 to 1.18 times what it should be at
    .05 and .01, and .7 to 1.6 times at .001; beyond, .3 to 5 times, and more.

    Returns
    -------
    ndarray of bool, shape (n_left, n_right)
    """
    trusted: NDArray[np.bool_] = (null.jump <= LARGEST_JUMP) & (n >= LEAST_ROWS)
    return trusted
