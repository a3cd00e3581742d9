"""The alignment of every representation of one side with every one of the other."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace

import numpy as np
from numpy.typing import NDArray

from stages.align.nulls.closed import Null, shared_null, standardised, subspace_null, sums_nulls
from stages.align.nulls.drawn import sequential_tail
from stages.align.nulls.graph_counts import cycle_chance, graph_sums
from stages.align.nulls.measured import SideSums, measure_with_sums
from stages.align.representation import (
    Dissimilarities,
    Featured,
    Representation,
    check_possible,
    check_sides,
)
from stages.align.routines.kernels import cka
from stages.align.routines.needs import check_memory, lists, size_of
from stages.align.routines.neighbours import Neighbours, compare_neighbours, find_neighbours
from stages.align.routines.rsa import rsa
from stages.align.routines.sequences import compare_sequences
from stages.align.routines.subspaces import svcca
from stages.align.routines.tied_sets import warn_of_ties
from stages.align.routines.ties import name_numbers
from stages.core.names.metrics import Metric, parse_metric
from stages.core.run.errors import InputError
from stages.core.stats.backend import Array, Backend, make_backend
from stages.core.stats.chance import significance
from stages.core.stats.row_orders import row_orders

Ints = NDArray[np.intp]
Near = tuple[list[Neighbours], list[Neighbours]]  # of both sides
MEMORY = 2**30
SLACK = 64  # units of rounding


@dataclass(frozen=True)
class Scores:
    """Scores of all pairs and what their null says, each of shape (n_left, n_right).

    Attributes
    ----------
    score, null_mean, null_sd, z, p : ndarray
    drawn : ndarray of bool
        Whether p is a share of draws.
    beside : ndarray, shape (n_beside, n_right)
        Scores of what is not held against a null, if there is any.
    """

    score: Array
    null_mean: Array
    null_sd: Array
    z: Array
    p: Array
    drawn: NDArray[np.bool_]
    beside: Array = field(default_factory=lambda: np.empty((0, 0)))


def align(
    left: Sequence[Representation],
    right: Sequence[Representation],
    metrics: Sequence[str],
    *,
    draws: int,
    seed: int,
    memory: int = MEMORY,
    dtype: str = "float32",
    device: str | None = None,
    rows: Sequence[str] | None = None,
    permute: str = "rows",
    block: int = 1,
    beside: Sequence[Representation] = (),
    known: SideSums | None = None,
) -> dict[str, Scores]:
    """Measure every pair by every metric, and hold it against permuted rows.

    What a null is known of (see `stages.core.names.metrics` and `stages.align.nulls`):

    - CKA, debiased or biased, RSA and mutual kNN: mean and sd are those of all permutations, and
      one-sided p is that of four moments (mutual kNN: three). Where these do not tell the tail,
      p is what they bound it to, if that is no more than the least that draws can say; else it
      is drawn: up to `draws` permutations, fewer for a score that is often reached.
    - SVCCA: mean, sd and p are those of random subspaces.
    - The others: sd and p are those of `draws` permutations, as is the mean unless it has a
      formula (cycle and LCS kNN). p is (b + 1) / (draws + 1).

    The draws permute the rows of the left side, which is best the smaller one: its kernels are
    made anew for each, those of the right side once.

    Parameters
    ----------
    left, right : sequence of Representation
        Arrays of shape (n, p), any p, such arrays `Deferred`, or `Dissimilarities`, of the same n
        rows in the same order.
    metrics : sequence of str
        Names; see `stages.core.names.metrics.KINDS`.
    draws : int
        Permutations of the rows, at least 1.
    seed : int
    memory : int
        Bytes that all working arrays may take, prepared copies of both sides included.
    dtype : {"float32", "float64"}
        Scores in either differ by less than 1e-4, those of neighbours by a few ties.
    device : str or None
        A device of PyTorch; None for NumPy.
    rows : sequence of str or None
        Names of the rows, by which equally near neighbours are put into an order that does not
        depend on that of the rows; None to tell rows apart by what is in them.
    permute, block
        As those of `stages.core.stats.row_orders.row_orders`. But for `rows`, everything is told by
        draws, whatever the metric.
    beside : sequence of Representation
        Controls of the left side, which are measured as it is, in one pass over the right side, but
        not held against a null.
    known : list of dict, optional
        What nulls have to know of the right side, an entry of each, empty at first: filled, and
        taken from there by calls with other left sides, as
        `stages.align.nulls.measured.measure_with_sums` does.

    Returns
    -------
    dict of Scores
        By metric, in the order asked.

    Raises
    ------
    InputError
        If a metric is unknown or impossible for these representations, if these do not fit each
        other or do not vary, or if memory is too small.
    """
    if draws < 1:
        raise InputError("no null", where="draws", expected="1 or more", got=draws)
    every = [*left, *beside]
    n = check_sides(every, right)
    if rows is not None and len(rows) != n:
        raise InputError("names of other rows", where="rows", expected=n, got=len(rows))
    asked = [parse_metric(name, n) for name in metrics]
    check_possible(every, right, asked)
    backend = make_backend(device, dtype, memory)
    check_memory(left, right, asked, 1 + draws, backend)
    check_memory(every, right, asked, 1, backend)
    orders = row_orders(n, draws, seed, permute, block)
    work = _Work(every, right, len(left), orders, seed, backend, rows, known)
    if permute != "rows":
        return work.drawn(asked)
    found = work.pairs([one for one in asked if one.kind.routine in ("kernel", "dissimilarity")])
    if "svcca" in metrics:
        found["svcca"] = work.subspaces()
    found |= work.neighbours([one for one in asked if one.k])
    return {name: found[name] for name in metrics}


@dataclass(frozen=True)
class _Work:
    """Two sides, and orders of the rows of the left one; the first leaves them as they are.

    The first `judged` of the left side are held against a null.
    """

    left: Sequence[Representation]
    right: Sequence[Representation]
    judged: int
    orders: Ints
    seed: int
    backend: Backend
    rows: Sequence[str] | None
    known: SideSums | None

    def pairs(self, metrics: Sequence[Metric]) -> dict[str, Scores]:
        """Measure what compares all pairs of rows."""
        if not metrics:
            return {}
        sides, order = (self.left, self.right), self.orders[:1]
        measured, sums = measure_with_sums(
            *sides, metrics, order, self.backend, judged=self.judged, known=self.known
        )
        scores = {name: values[..., 0] for name, values in measured.items()}
        judged = {name: values[: self.judged] for name, values in scores.items()}
        nulls = sums_nulls(*sums, metrics, judged, self.backend)
        return {name: self._judged(name, scores[name], null) for name, null in nulls.items()}

    def subspaces(self) -> Scores:
        """Measure SVCCA."""
        sides = _features(self.left), _features(self.right)
        score = svcca(*sides, self.orders[:1], self.backend)[..., 0]
        null = subspace_null(sides[0][: self.judged], sides[1], score[: self.judged], self.seed)
        return self._judged("svcca", score, null)

    def neighbours(self, metrics: Sequence[Metric]) -> dict[str, Scores]:
        """Measure what compares nearest neighbours, which are found once."""
        if not metrics:
            return {}
        near = self._near(metrics)
        shared = [metric for metric in metrics if metric.name.startswith("mutual")]
        drawn = [metric for metric in metrics if metric not in shared]
        found = {}
        for name, values in _compare(near, shared, self.orders[:1], self.backend).items():
            k = parse_metric(name).k
            some = near[0][: self.judged], near[1]
            here, there = ([graph_sums(one.memberships(k)) for one in side] for side in some)
            null = shared_null(here, there, values[: self.judged, :, 0])
            found[name] = self._judged(name, values[..., 0], null)
        for name, (values, beside) in self._near_in_all_orders(near, drawn).items():
            mean = _known_mean(parse_metric(name), near[0][: self.judged])
            found[name] = _drawn(values, beside, self._slack, mean)
        return found

    def drawn(self, metrics: Sequence[Metric]) -> dict[str, Scores]:
        """Measure everything in all orders."""
        names = [metric.name for metric in metrics if not metric.k]

        def run(some: slice, orders: Ints) -> dict[str, Array]:
            return measure(self.left[some], self.right, names, orders, self.backend)

        found = self._in_all_orders(run)
        close = [metric for metric in metrics if metric.k]
        if close:
            found |= self._near_in_all_orders(self._near(close), close)
        return {metric.name: _drawn(*found[metric.name], self._slack) for metric in metrics}

    def _near_in_all_orders(
        self, near: Near, metrics: Sequence[Metric]
    ) -> dict[str, tuple[Array, Array]]:
        """Compare neighbours."""

        def run(some: slice, orders: Ints) -> dict[str, Array]:
            return _compare((near[0][some], near[1]), metrics, orders, self.backend)

        return self._in_all_orders(run)

    def _in_all_orders(
        self, run: Callable[[slice, Ints], dict[str, Array]]
    ) -> dict[str, tuple[Array, Array]]:
        """Measure what is held against draws in all orders, and what is beside it in the first."""
        found = run(slice(self.judged), self.orders)
        one, n_right = self.orders[:1], len(self.right)
        none = {name: np.empty((0, n_right, 1)) for name in found}
        beside = run(slice(self.judged, None), one) if len(self.left) > self.judged else none
        return {name: (values, beside[name][..., 0]) for name, values in found.items()}

    def _near(self, metrics: Sequence[Metric]) -> Near:
        near = _find(self.left, self.right, metrics, self.backend, self.rows)
        warn_of_ties(*near, metrics)
        return near

    @property
    def _slack(self) -> float:
        """By how much rounding may put equal scores apart."""
        return SLACK * self.backend.eps

    def _judged(self, name: str, every: Array, null: Null) -> Scores:
        """Hold scores against a null in closed form, and draw the tails that it does not tell."""
        score, beside = every[: self.judged], every[self.judged :]
        z = standardised(score, null.mean, null.sd)
        sure = null.trusted | (null.bound <= 1 / len(self.orders))
        p, drawn = np.where(null.trusted, null.p, null.bound), ~sure
        if drawn.any():

            def draw(rows: Ints, columns: Ints, orders: Ints) -> Array:
                some = [self.left[row] for row in rows], [self.right[one] for one in columns]
                whole = np.concatenate([self.orders[:1], orders])
                found = measure(*some, [name], whole, self.backend, rows=self.rows)
                return found[name][..., 1:]

            found = sequential_tail(score, drawn, self.orders[1:], draw, self._slack)
            p = np.where(drawn, found, p)
        return Scores(score, null.mean, null.sd, z, p, drawn, beside)


def _drawn(values: Array, beside: Array, slack: float, mean: Array | None = None) -> Scores:
    """Hold scores against draws, and against the mean of their null where it is known."""
    score, null = values[..., 0], values[..., 1:]
    against = significance(score - slack, null)
    mean = against.null_mean if mean is None else np.broadcast_to(mean, score.shape)
    sd = np.sqrt(np.square(null - mean[..., None]).mean(axis=-1))
    z = standardised(score, mean, sd)
    drawn = np.ones(score.shape, dtype=np.bool_)
    return Scores(score, mean, sd, z, against.p, drawn, beside)


def _known_mean(metric: Metric, left: Sequence[Neighbours]) -> Array | None:
    """Mean of the null of a metric of neighbours, where it has a formula; (n_left, 1) or (1, 1)."""
    if metric.name.startswith("cycle"):
        return np.array([[cycle_chance(one.rows[:, : metric.k])] for one in left])
    chance = metric.chance(len(left[0].rows))
    return None if chance is None else np.full((1, 1), chance)


def measure(
    left: Sequence[Representation],
    right: Sequence[Representation],
    metrics: Sequence[str],
    orders: Ints,
    backend: Backend,
    *,
    rows: Sequence[str] | None = None,
) -> dict[str, Array]:
    """Measure every pair by every metric, for every order of the rows of the left side.

    Parameters
    ----------
    left, right, metrics, rows
        As those of `align`.
    orders : ndarray of int, shape (n_orders, n)
        The first leaves the rows as they are.
    backend : Backend

    Returns
    -------
    dict of ndarray, shape (n_left, n_right, n_orders)
    """
    n = check_sides(left, right)
    if rows is not None and len(rows) != n:
        raise InputError("names of other rows", where="rows", expected=n, got=len(rows))
    asked = [parse_metric(name, n) for name in metrics]
    check_possible(left, right, asked)
    families: dict[str, list[Metric]] = {}
    for metric in asked:
        families.setdefault(metric.kind.routine, []).append(metric)
    found: dict[str, Array] = {}
    if "kernel" in families:
        found |= cka(left, right, families["kernel"], orders, backend)
    if "subspace" in families:
        found["svcca"] = svcca(_features(left), _features(right), orders, backend)
    found |= rsa(left, right, families.get("dissimilarity", []), orders, backend)
    near = families.get("graph", []) + families.get("sequence", [])
    if near:
        found |= _compare(_find(left, right, near, backend, rows), near, orders, backend)
    return {name: found[name] for name in metrics}


def _find(
    left: Sequence[Representation],
    right: Sequence[Representation],
    metrics: Sequence[Metric],
    backend: Backend,
    rows: Sequence[str] | None,
) -> Near:
    """Find the neighbours of both sides, as many as any metric asks for."""
    k, names = max(metric.k for metric in metrics), None if rows is None else name_numbers(rows)
    backend = _beside_lists(backend, size_of(left[0])[0], k, len(left) + len(right))
    here, there = (
        [
            find_neighbours(one, k, f"{name}[{place}]", backend, names)
            for place, one in enumerate(side)
        ]
        for name, side in (("left", left), ("right", right))
    )
    return here, there


def _compare(
    near: Near,
    metrics: Sequence[Metric],
    orders: Ints,
    backend: Backend,
) -> dict[str, Array]:
    n, k = near[0][0].rows.shape
    backend = _beside_lists(backend, n, k, len(near[0]) + len(near[1]))
    graphs = [metric for metric in metrics if metric.kind.routine == "graph"]
    sequences = [metric for metric in metrics if metric.kind.routine == "sequence"]
    found = compare_neighbours(*near, graphs, orders, backend)
    return found | compare_sequences(*near, sequences, orders, backend)


def _beside_lists(backend: Backend, n: int, k: int, count: int) -> Backend:
    """Leave memory for the neighbours of so many representations."""
    return replace(backend, memory=backend.memory - lists(n, k, count, backend.itemsize))


def _features(side: Sequence[Representation]) -> list[Featured]:
    return [one for one in side if not isinstance(one, Dissimilarities)]
