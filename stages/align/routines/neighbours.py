"""Nearest neighbours: found once per representation, compared for all pairs at once."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array

from stages.align.backend import Array, Backend
from stages.align.representation import Dissimilarities, Features, Representation
from stages.core.names.metrics import Metric
from stages.core.run.errors import InputError

Ints = NDArray[np.intp]


@dataclass(frozen=True)
class Neighbours:
    """Nearest neighbours of every row, nearest first.

    Attributes
    ----------
    rows : ndarray of int, shape (n, k)
    likeness : ndarray, shape (n, k)
        Cosine similarity with each; 1 where only dissimilarities are known.
    """

    rows: NDArray[np.int32]
    likeness: Features

    def reorder(self, order: Ints) -> "Neighbours":
        """Neighbours once rows are reordered."""
        place = np.empty(len(order), dtype=np.int32)
        place[order] = np.arange(len(order))
        return Neighbours(place[self.rows[order]], self.likeness[order])

    def graph(self, k: int) -> csr_array:
        """Likeness to the k nearest, shape (n, n), and nothing elsewhere."""
        n = len(self.rows)
        values, columns = self.likeness[:, :k].ravel(), self.rows[:, :k].ravel()
        return csr_array((values, columns, np.arange(n + 1) * k), shape=(n, n))


def find_neighbours(
    representation: Representation, k: int, where: str, backend: Backend
) -> Neighbours:
    """Find the k nearest neighbours of every row; of equally near ones, the first.

    Features are near by cosine similarity, the inner product of rows of length 1, as in
    Huh et al. (2024); they are not centred.

    Parameters
    ----------
    representation : Representation
    k : int
    where : str
        Its name, for messages.
    backend : Backend

    Raises
    ------
    InputError
        If a row of features is all 0, and so has no direction.
    """
    source: Any
    if isinstance(representation, Dissimilarities):
        is_rdm, source = True, np.asarray(representation.values, dtype=backend.dtype)
    else:
        is_rdm, source = False, backend.put(_unit_rows(representation, where))
    n = len(source)
    rows, likeness = np.empty((n, k), dtype=np.int32), np.ones((n, k), dtype=backend.dtype)
    for block in backend.blocks(n, 24 * n, "a row of distances"):
        far = source[block].copy() if is_rdm else -backend.host(source[block] @ source.T)
        far[np.arange(len(far)), np.arange(block.start, block.stop)] = np.inf
        rows[block] = _smallest(far, k)
        if not is_rdm:
            likeness[block] = -np.take_along_axis(far, rows[block], axis=1)
    return Neighbours(rows, likeness)


def _unit_rows(features: Features, where: str) -> Array:
    rows = np.asarray(features, dtype=np.float64)
    lengths = np.linalg.norm(rows, axis=1, keepdims=True)
    if not lengths.all():
        raise InputError("row of zeros", where=f"{where}, row {int(lengths.argmin())}")
    scaled: Array = rows / lengths
    return scaled


def _smallest(far: Features, k: int) -> Ints:
    """Columns of the k smallest numbers of each row, in order; of equal ones, the first."""
    row = np.arange(len(far))[:, None]
    found = np.argpartition(far, min(k, far.shape[1] - 1), axis=1)[:, : k + 1]
    found = found[row, np.argsort(far[row, found], axis=1)]
    tied = (np.diff(far[row, found], axis=1) == 0).any(axis=1)
    found[tied] = np.argsort(far[tied], axis=1, kind="stable")[:, : k + 1]
    return found[:, :k]


@dataclass(frozen=True)
class Graphs:
    """Neighbour graphs of one side, each a sparse array of shape (n, n)."""

    graphs: list[csr_array]
    backend: Backend

    @cached_property
    def turned(self) -> list[csr_array]:
        """The graphs with every arrow turned round."""
        return [graph.T.tocsr() for graph in self.graphs]

    @cached_property
    def own_hsic(self) -> Array:
        """What `cknna` finds of each graph with itself, up to a factor, shape (n_side,)."""
        return np.array([_self_hsic(graph) for graph in self.graphs])


@dataclass(frozen=True)
class Rows:
    """Some rows of the neighbour graphs of one side, each array of shape (n_block, n_side, n)."""

    side: Graphs
    block: slice

    @cached_property
    def to(self) -> Any:
        """1 where a row has the column among its neighbours."""
        return self._dense(self.side.graphs, likeness=False)

    @cached_property
    def back(self) -> Any:
        """1 where the column has the row among its neighbours."""
        return self._dense(self.side.turned, likeness=False)

    @cached_property
    def to_like(self) -> Any:
        """As `to`, with their likeness in place of 1."""
        return self._dense(self.side.graphs, likeness=True)

    @cached_property
    def back_like(self) -> Any:
        """As `back`, with their likeness in place of 1."""
        return self._dense(self.side.turned, likeness=True)

    def _dense(self, graphs: list[csr_array], likeness: bool) -> Any:
        n, backend = graphs[0].shape[0], self.side.backend
        size = self.block.stop - self.block.start
        dense = np.zeros((size, len(graphs), n), dtype=backend.dtype)
        for place, graph in enumerate(graphs):
            some = graph[self.block]
            row = np.repeat(np.arange(size), np.diff(some.indptr))
            dense[row, place, some.indices] = some.data if likeness else 1
        return backend.put(dense)


def _per_row(one: Any, other: Any) -> Any:
    """Multiply all pairs row by row, shape (n_block, n_left, n_right)."""
    return one @ other.swapaxes(1, 2)


def mutual_knn(left: Rows, right: Rows) -> tuple[Any, ...]:
    """Share of each row's k neighbours that both representations have in common.

    m = Σ_i |A(i) ∩ B(i)| / (n k), with A(i), B(i) the k nearest neighbours of row i
    (Huh et al. 2024, eq. 10 f.). Chance level k / (n - 1).

    Returns
    -------
    tuple of one array, shape (n_left, n_right)
        Number of shared neighbours of these rows.
    """
    return (_per_row(left.to, right.to).sum(0),)


def cycle_knn(left: Rows, right: Rows) -> tuple[Any, ...]:
    """Share of rows found again when going there by one representation and back by the other.

    c = Σ_i [some j in B(i) has i in A(j)] / n, where A is left and B right: it has a direction
    (Huh et al. 2024, released code). Chance level 1 - (1 - k / (n - 1))^k, less where some rows are
    the neighbours of many. Even of a representation with itself it is below 1 where a row is no
    neighbour of its neighbours.

    Returns
    -------
    tuple of one array, shape (n_left, n_right)
        Number of these rows that are found again.
    """
    return ((_per_row(left.back, right.to) > 0).sum(0),)


def cknna(left: Rows, right: Rows) -> tuple[Any, ...]:
    """Alignment of kernels among shared nearest neighbours alone.

    CKNNA = h(K, L) / sqrt(h(K, K) h(L, L)), where h(K, L) is the unbiased HSIC (Song et al. 2012,
    eq. 5) of M∘K and M∘L: K and L hold the cosine similarities of rows, and M is 1 where column j
    is among the k neighbours of row i in both (Huh et al. 2024, appendix A, as in the released
    code). The kernels are not symmetric once masked, so that h has a slight direction.
    With k = n - 1 it is debiased linear CKA of rows of unit length. Chance has no formula: two
    kernels under one mask are related, the less the smaller k / n.

    Returns
    -------
    tuple of four arrays, shape (n_left, n_right)
        Sums over these rows: of the products, of either kernel, and of the products of margins.
    """
    traced = _per_row(left.to * left.back_like, right.to_like * right.back)
    columns, rows = _per_row(left.back_like, right.back), _per_row(left.to, right.to_like)
    return traced.sum(0), columns.sum(0), rows.sum(0), (columns * rows).sum(0)


TERMS = {"mutual_knn": mutual_knn, "cycle_knn": cycle_knn, "cknna": cknna}


def _hsic(terms: Array, n: int) -> Array:
    """Unbiased HSIC times n (n - 3), from the sums of `cknna`."""
    products, one, other, margins = terms
    hsic: Array = products + one * other / ((n - 1) * (n - 2)) - 2 * margins / (n - 2)
    return hsic


def _self_hsic(graph: csr_array) -> float:
    graph = graph.astype(np.float64)
    columns, rows = graph.sum(axis=0), graph.sum(axis=1)
    terms = np.array([graph.multiply(graph.T).sum(), rows.sum(), rows.sum(), columns @ rows])
    return float(_hsic(terms, len(rows)))


def compare_neighbours(
    left: Sequence[Neighbours],
    right: Sequence[Neighbours],
    metrics: Sequence[Metric],
    orders: Ints,
    backend: Backend,
) -> dict[str, Array]:
    """Compare the neighbours of all pairs: `mutual_knn`, `cycle_knn` and `cknna`.

    Parameters
    ----------
    left, right : sequence of Neighbours
    metrics : sequence of Metric
        Of the family `graph`.
    orders : ndarray of int, shape (n_orders, n)
        Orders of the rows of the left side; the first leaves them as they are.
    backend : Backend

    Returns
    -------
    dict of ndarray, shape (n_left, n_right, n_orders)
    """
    scores: dict[str, Array] = {}
    for k in sorted({metric.k for metric in metrics}):
        asked = {metric.name.rsplit("_", 1)[0]: metric.name for metric in metrics if metric.k == k}
        found = _compare(left, right, orders, backend, k=k, kinds=list(asked))
        scores |= {asked[kind]: values for kind, values in found.items()}
    return scores


def _compare(
    left: Sequence[Neighbours],
    right: Sequence[Neighbours],
    orders: Ints,
    backend: Backend,
    *,
    k: int,
    kinds: list[str],
) -> dict[str, Array]:
    n, shape = orders.shape[1], (len(left), len(right))
    sums = {kind: np.zeros((4 if kind == "cknna" else 1, *shape, len(orders))) for kind in kinds}
    needed = backend.itemsize * (5 * n * sum(shape) + 4 * shape[0] * shape[1])
    there = Graphs([neighbours.graph(k) for neighbours in right], backend)
    for block in backend.blocks(n, needed, "a row of every neighbour graph"):
        some = Rows(there, block)
        for place, order in enumerate(orders):
            moved = [neighbours.reorder(order).graph(k) for neighbours in left]
            here = Rows(Graphs(moved, backend), block)
            for kind in kinds:
                for term, value in enumerate(TERMS[kind](here, some)):
                    sums[kind][term, ..., place] += backend.get(value)
    here_whole = Graphs([neighbours.graph(k) for neighbours in left], backend)
    return {kind: _score(kind, sums[kind], here_whole, there, k) for kind in kinds}


def _score(kind: str, sums: Array, left: Graphs, right: Graphs, k: int) -> Array:
    n = left.graphs[0].shape[0]
    if kind != "cknna":
        share: Array = sums[0] / (n * k if kind == "mutual_knn" else n)
        return share
    for name, side in (("left", left), ("right", right)):
        flat = side.own_hsic <= 0
        if flat.any():
            where = f"{name}[{int(flat.argmax())}]"
            raise InputError(f"no local structure for cknna_{k}", where=where, do="Raise k.")
    aligned: Array = _hsic(sums, n) / np.sqrt(np.outer(left.own_hsic, right.own_hsic))[..., None]
    return aligned
