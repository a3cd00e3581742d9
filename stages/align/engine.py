"""The alignment of every representation of one side with every one of the other."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from stages.align.backend import Array, Backend, make_backend
from stages.align.representation import (
    Dissimilarities,
    Features,
    Representation,
    check_possible,
    check_sides,
)
from stages.align.routines.dissimilarity import rsa
from stages.align.routines.kernels import cka
from stages.align.routines.neighbours import Neighbours, compare_neighbours, find_neighbours
from stages.align.routines.sequences import compare_sequences
from stages.align.routines.subspaces import svcca
from stages.core.names.metrics import Metric, parse_metric
from stages.core.run.errors import InputError
from stages.core.stats.chance import significance

Ints = NDArray[np.intp]
MEMORY = 2**30


@dataclass(frozen=True)
class Scores:
    """Scores of all pairs and what their null says, each of shape (n_left, n_right)."""

    score: Array
    null_mean: Array
    null_sd: Array
    z: Array
    p: Array


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
) -> dict[str, Scores]:
    """Measure every pair by every metric, and hold it against permuted rows.

    The null permutes the rows of the left side, which is best the smaller one: its kernels are
    made anew for each draw, those of the right side once.

    Parameters
    ----------
    left, right : sequence of Representation
        Arrays of shape (n, p), any p, or `Dissimilarities`, of the same n rows in the same order.
    metrics : sequence of str
        Names; see `stages.core.names.metrics.KINDS`.
    draws : int
        Permutations of the rows, at least 1.
    seed : int
    memory : int
        Bytes that working arrays may take. Besides them stand each side's features or squared
        distances, whichever are smaller, and its nearest neighbours.
    dtype : {"float32", "float64"}
        Scores in either differ by less than 1e-4, those of neighbours by a few ties.
    device : str or None
        A device of PyTorch; None for NumPy.

    Returns
    -------
    dict of Scores
        By metric, in the order asked. p is one-sided, (b + 1) / (draws + 1).

    Raises
    ------
    InputError
        If a metric is unknown or impossible for these representations, if these do not fit each
        other or do not vary, or if memory is too small.
    """
    if draws < 1:
        raise InputError("no null", where="draws", expected="1 or more", got=draws)
    orders = row_orders(check_sides(left, right), draws, seed)
    measured = measure(left, right, metrics, orders, make_backend(device, dtype, memory))
    scores = {}
    for name, values in measured.items():
        against = significance(values[..., 0], values[..., 1:])
        scores[name] = Scores(values[..., 0], **vars(against))
    return scores


def row_orders(n: int, draws: int, seed: int) -> Ints:
    """Draw orders of n rows, shape (1 + draws, n); the first leaves them as they are."""
    rows = np.tile(np.arange(n), (1 + draws, 1))
    rows[1:] = np.random.default_rng(seed).permuted(rows[1:], axis=1)
    return rows


def measure(
    left: Sequence[Representation],
    right: Sequence[Representation],
    metrics: Sequence[str],
    orders: Ints,
    backend: Backend,
) -> dict[str, Array]:
    """Measure every pair by every metric, for every order of the rows of the left side.

    Parameters
    ----------
    left, right, metrics
        As those of `align`.
    orders : ndarray of int, shape (n_orders, n)
        The first leaves the rows as they are.
    backend : Backend

    Returns
    -------
    dict of ndarray, shape (n_left, n_right, n_orders)
    """
    n = check_sides(left, right)
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
    for metric in families.get("dissimilarity", []):
        found[metric.name] = rsa(left, right, metric, orders, backend)
    near = families.get("graph", []) + families.get("sequence", [])
    if near:
        found |= _measure_neighbours(left, right, near, orders, backend)
    return {name: found[name] for name in metrics}


def _measure_neighbours(
    left: Sequence[Representation],
    right: Sequence[Representation],
    metrics: list[Metric],
    orders: Ints,
    backend: Backend,
) -> dict[str, Array]:
    k = max(metric.k for metric in metrics)
    here = _neighbours(left, k, "left", backend)
    there = _neighbours(right, k, "right", backend)
    graphs = [metric for metric in metrics if metric.kind.routine == "graph"]
    sequences = [metric for metric in metrics if metric.kind.routine == "sequence"]
    found = compare_neighbours(here, there, graphs, orders, backend)
    return found | compare_sequences(here, there, sequences, orders, backend)


def _neighbours(
    side: Sequence[Representation], k: int, name: str, backend: Backend
) -> list[Neighbours]:
    return [find_neighbours(one, k, f"{name}[{place}]", backend) for place, one in enumerate(side)]


def _features(side: Sequence[Representation]) -> list[Features]:
    return [one for one in side if not isinstance(one, Dissimilarities)]
