"""Nulls of shared neighbours under permuted rows."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array
from scipy.special import gammaln

from stages.align.nulls.moments import central_moment
from stages.align.nulls.pattern_sums import rescaled
from stages.align.nulls.tail import LEAST, gamma_tail

Array = NDArray[np.float64]
Ints = NDArray[np.integer]
MOST_ROWS = 500  # whose sums of third order are exact, and more than which tell those of all


@dataclass(frozen=True)
class GraphSums:
    """A neighbour graph in parts that permutations do not mix, and sums over them.

    Attributes
    ----------
    n, k : int
        Number of rows, each with k neighbours.
    sums : dict of str to float
        By the directed patterns of `stages.align.nulls.patterns`.
    hub : float
        Effect of the largest hub.
    whole : float
        Mean share of the neighbours that are counted: 1 without ties.
    """

    n: int
    k: int
    sums: dict[str, float]
    hub: float
    whole: float


def graph_sums(graph: csr_array, most_rows: int = MOST_ROWS) -> GraphSums:
    """Take the sums of one neighbour graph that its moments under permuted rows need.

    A_ij = k / (n - 1) + U_ij + h_i / (n - 1) + h_j for i ≠ j, where h are the hubs, (n - 1) /
    (n (n - 2)) of what in-degrees exceed k by, and U has rows and columns that sum to 0.

    Parameters
    ----------
    graph : csr_array, shape (n, n)
        1 where column j is a neighbour of row i, and less where it is in some orders of ties only;
        rows sum to k, and there are at least 4.
    most_rows : int
        Sums of third order are over all rows up to so many; above, they are estimated from that
        many, evenly spaced.
    """
    n = graph.shape[0]
    k = round(graph.sum() / n)
    hubs = (graph.sum(axis=0) - k) * ((n - 1) / (n * (n - 2)))
    effects = np.sqrt(n * (n - 2) / (n - 1)) * hubs
    square, turned = _squares(graph, k, float(effects @ effects))
    some = np.linspace(0, n - 1, min(n, most_rows)).round().astype(np.intp)
    u = graph[some].toarray().astype(np.float32)[:, some] - np.float32(k / (n - 1))
    u -= ((hubs[some] / (n - 1))[:, None] + hubs[some]).astype(np.float32)
    np.fill_diagonal(u, 0)
    sums = _directed_sums(u, effects[some])
    if len(some) < n:
        sums = rescaled(sums, len(some), n, square, effects)
    known = {"a a": float(effects @ effects), "a a a": float((effects**3).sum())}
    sums |= known | {"ab ab": square, "ab ba": turned}
    whole = float(np.square(graph.data).sum()) / (n * k)
    return GraphSums(n, k, sums, np.abs(effects).max(), whole)


def in_degrees(neighbours: Ints) -> NDArray[np.intp]:
    """Of how many rows each is a neighbour, shape (n,)."""
    return np.bincount(neighbours.ravel(), minlength=len(neighbours))


def _squares(graph: csr_array, k: int, hubs: float) -> tuple[float, float]:
    """Sum U_ij² and U_ij U_ji, from arrows and those that are returned."""
    n = graph.shape[0]
    returned = float(graph.multiply(graph.T).sum())
    even = n * k**2 / (n - 1)
    return float(np.square(graph.data).sum()) - even - hubs, returned - even - hubs / (n - 1)


def _directed_sums(u: NDArray[np.float32], a: Array) -> dict[str, float]:
    squares, back, paths = u * u, u.T, u @ u
    rows, columns = (squares.sum(axis=axis, dtype=np.float64) for axis in (1, 0))
    both = (u * back).sum(axis=1, dtype=np.float64)
    found = {
        "ab ab": rows.sum(),
        "ab ba": both.sum(),
        "ab ab ab": (squares * u).sum(dtype=np.float64),
        "ab ab ba": (squares * back).sum(dtype=np.float64),
        "ab ac bc": (paths * u).sum(dtype=np.float64),
        "ab bc ca": (paths * back).sum(dtype=np.float64),
        "a a": a @ a,
        "ab ab a": rows @ a,
        "ab ab b": columns @ a,
        "ab ba a": both @ a,
        "ab a b": a @ (u @ a),
        "a a a": (a**3).sum(),
    }
    return {name: float(value) for name, value in found.items()}


@dataclass(frozen=True)
class CountNull:
    """What a number of shared neighbours is by chance; arrays of shape (n_left, n_right).

    Attributes
    ----------
    mean, sd, skewness : ndarray
    jump : ndarray
        By how many sd the number rises where the largest hubs of both graphs are the same row.
    step : ndarray
        By how much a further neighbour usually raises the number: 1 without ties.
    """

    mean: Array
    sd: Array
    skewness: Array
    jump: Array
    step: Array


def shared_neighbours(left: Sequence[GraphSums], right: Sequence[GraphSums]) -> CountNull:
    """Null of the number of neighbours that two graphs share, all rows together.

    Tied ones count by their shares of all orders. Mean and sd are exact, skewness as far as the
    sums of third order are.
    """
    n, k = left[0].n, left[0].k
    here, there = ([one.sums for one in side] for side in (left, right))
    second, third = (central_moment(here, there, n, order, directed=True) for order in (2, 3))
    mean = np.full(second.shape, n * k**2 / (n - 1))
    varies = second > 1e-9 * mean
    sd = np.sqrt(np.where(varies, second, 0))
    some = np.where(varies, sd, 1)
    hubs = np.outer([one.hub for one in left], [one.hub for one in right])
    step = np.outer([one.whole for one in left], [one.whole for one in right])
    return CountNull(mean, sd, np.where(varies, third, 0) / some**3, hubs / some, step)


def count_tail(count: Array, null: CountNull) -> Array:
    """Probability that chance reaches a count: Pearson's type III with half a step for continuity.

    Returns
    -------
    ndarray, shape (n_left, n_right)
        1 where the null does not vary.
    """
    varies = null.sd > 0
    z = (count - null.step / 2 - null.mean) / np.where(varies, null.sd, 1)
    p: Array = np.where(varies, np.clip(gamma_tail(z, null.skewness), LEAST, 1), 1.0)
    return p


def cycle_chance(neighbours: Ints) -> float:
    """Mean of cycle kNN over all permutations of the rows of one graph, the left.

    A row comes back unless none of the k rows that the other graph leads to has it among its
    neighbours: Σ_u [1 - C(n - 1 - d_u, k) / C(n - 1, k)] / n, with d_u its in-degree in the left
    graph. Exact, whatever the right graph.
    """
    n, k = neighbours.shape
    others = n - 1 - in_degrees(neighbours)
    log_share = _log_choose(np.maximum(others, k), k) - _log_choose(np.array(n - 1), k)
    return float(1 - np.where(others >= k, np.exp(log_share), 0.0).mean())


def _log_choose(n: NDArray[np.integer], k: int) -> Array:
    found: Array = gammaln(n + 1) - gammaln(k + 1) - gammaln(n - k + 1)
    return found
