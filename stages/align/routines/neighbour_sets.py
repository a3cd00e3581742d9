"""Sets of neighbours as bits of numbers, which are compared 64 rows at a time."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from stages.align.routines.arrow_table import ArrowTable, arrow_keys, arrow_table
from stages.align.routines.arrows import Arrows, Neighbours, Small
from stages.align.routines.needs import COMPARING, is_searched
from stages.align.routines.squared import AT_ONCE
from stages.core.stats.backend import Array, Backend

Ints = NDArray[np.intp]
Bits = NDArray[np.uint64]
WORD = 64  # bits


def pack(owner: Small, member: Small, n: int) -> Bits:
    """Write for every row the set of its members, shape (n_words, n).

    A member is the bit of its number, modulo 64, counted from the lowest.

    Parameters
    ----------
    owner, member : ndarray of int, shape (n_arrows,)
        Rows, below n.
    n : int
    """
    if (owner[1:] < owner[:-1]).any():
        order = np.argsort(owner, kind="stable")
        owner, member = owner[order], member[order]
    words = -(-n // WORD)
    made = np.empty((words, n), dtype=np.uint64)
    dense = np.empty(min(n, AT_ONCE) * words * WORD, dtype=np.bool_)
    for start in range(0, n, AT_ONCE):
        stop = min(start + AT_ONCE, n)
        first, last = np.searchsorted(owner, (start, stop))
        part = dense[: (stop - start) * words * WORD]
        part[:] = False
        place = (owner[first:last] - start).astype(np.intp)
        place *= words * WORD
        place += member[first:last]
        part[place] = True
        made[:, start:stop] = np.packbits(part, bitorder="little").view("<u8").reshape(-1, words).T
    return made


def _pack_rows(rows: Small, n: int) -> Bits:
    """Write the sets of neighbours of all rows, shape (n_words, n)."""
    return pack(np.repeat(np.arange(n, dtype=np.int32), rows.shape[1]), rows.ravel(), n)


def count_common(
    left: Sequence[Neighbours],
    right: Sequence[Neighbours],
    kinds: Sequence[str],
    k: int,
    *,
    orders: Ints,
    backend: Backend,
) -> dict[str, Array]:
    """Compare sets of neighbours of all pairs: `mutual_knn` and `cycle_knn`.

    Parameters
    ----------
    left, right : sequence of Neighbours
    kinds : sequence of {"mutual_knn", "cycle_knn"}
    k : int
    orders : ndarray of int, shape (n_orders, n)
        Orders of the rows of the left side.
    backend : Backend
        Whose memory it may take; sets are always NumPy's.

    Returns
    -------
    dict of ndarray, shape (n_left, n_right, n_orders)
    """
    n = orders.shape[1]
    counts = n, k, len(left), len(right)
    size = min(COMPARING[kind](*counts, backend).chunk(backend) for kind in kinds)
    scores = {kind: np.empty((len(left), len(right), len(orders))) for kind in kinds}
    ways = {kind: _way(kind, n, k) for kind in kinds}
    for start in range(0, len(right), size):
        some = slice(start, min(start + size, len(right)))
        rows = [one.rows[:, :k] for one in right[some]]
        there = {ready: ready(rows, n) for ready, _ in ways.values()}
        for place, order in enumerate(orders):
            for row, neighbours in enumerate(left):
                arrows = neighbours.arrows(k)
                moved = arrows.reorder(order) if place else arrows
                for kind, (ready, compare) in ways.items():
                    scores[kind][row, some, place] = compare(moved, there[ready], k)
    return scores


def _way(kind: str, n: int, k: int) -> tuple[Callable[..., Any], Callable[..., Array]]:
    """Choose what is made of the right side once, and what compares a left one with it."""
    if kind == "cycle_knn" and is_searched(n, k):
        return turned_round, cycle_found
    return _pack_all, KINDS[kind]


def _pack_all(right: Sequence[Small], n: int) -> Bits:
    """Write the sets of neighbours of all, shape (n_words, n_right, n)."""
    return np.stack([_pack_rows(rows, n) for rows in right], axis=1)


def mutual_knn(left: Arrows, right: Bits, k: int) -> Array:
    """Share of each row's k neighbours that both representations have in common.

    m = Σ_i |A(i) ∩ B(i)| / (n k), with A(i), B(i) the k nearest neighbours of row i
    (Huh et al. 2024, eq. 10 f.). Chance level k / (n - 1).

    Parameters
    ----------
    left : Arrows
    right : ndarray of uint64, shape (n_words, n_right, n)
    k : int

    Returns
    -------
    ndarray, shape (n_right,)
    """
    n = right.shape[-1]
    shared = np.zeros(right.shape[1:], dtype=np.uint16 if k < 2**16 else np.uint32)
    room, few = np.empty(right.shape[1:], dtype=np.uint64), np.empty(right.shape[1:], np.uint8)
    for here, there in zip(pack(left.source, left.target, n), right, strict=True):
        np.bitwise_and(here, there, out=room)
        np.bitwise_count(room, out=few)
        shared += few
    share: Array = shared.sum(axis=1, dtype=np.int64) / (n * k)
    return share


def cycle_knn(left: Arrows, right: Bits, k: int) -> Array:
    """Share of rows found again when going there by one representation and back by the other.

    c = Σ_i [some j in B(i) has i in A(j)] / n, where A is left and B right: it has a direction
    (Huh et al. 2024, released code). Chance level 1 - (1 - k / (n - 1))^k, less where some rows are
    the neighbours of many. Even of a representation with itself it is below 1 where a row is no
    neighbour of its neighbours.

    Parameters and returns as those of `mutual_knn`.
    """
    n = right.shape[-1]
    found, room = np.zeros(right.shape[1:], dtype=np.uint64), np.empty(right.shape[1:], np.uint64)
    for here, there in zip(pack(left.target, left.source, n), right, strict=True):
        np.bitwise_and(here, there, out=room)
        np.bitwise_or(found, room, out=found)
    share: Array = np.count_nonzero(found, axis=1) / n
    return share


@dataclass(frozen=True)
class Ways:
    """Arrows of the right side, turned round.

    Attributes
    ----------
    table : ArrowTable
    count, n : int
        Of the representations, and of their rows.
    """

    table: ArrowTable
    count: int
    n: int


def turned_round(right: Sequence[Small], n: int) -> Ways:
    """Put the arrows of all representations into one table, by where they come back to."""
    own = np.arange(n, dtype=np.intp)[:, None]
    return Ways(
        arrow_table([(rows.astype(np.intp) * n + own).ravel() for rows in right]), len(right), n
    )


def cycle_found(left: Arrows, right: Ways, k: int) -> Array:
    """As `cycle_knn`, by the arrows that come back: of many rows, few are neighbours.

    Parameters
    ----------
    left : Arrows
    right : Ways
        Made by `turned_round`.
    k : int

    Returns
    -------
    ndarray, shape (right.count,)
    """
    keys = arrow_keys(left, right.n)
    mine, theirs = right.table.shared(keys)
    found = np.zeros((right.count, right.n), dtype=np.bool_)
    found[right.table.whose[theirs], left.target[mine]] = True
    share: Array = np.count_nonzero(found, axis=1) / right.n
    return share


KINDS: dict[str, Any] = {"mutual_knn": mutual_knn, "cycle_knn": cycle_knn}
