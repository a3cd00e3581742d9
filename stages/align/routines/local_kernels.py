"""CKNNA: alignment of kernels among shared nearest neighbours alone."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from stages.align.routines.arrows import Arrows, Neighbours
from stages.align.routines.needs import local_need
from stages.core.run.errors import InputError
from stages.core.stats.backend import Array, Backend

Ints = NDArray[np.intp]


@dataclass(frozen=True)
class Table:
    """The arrows of several representations, all of the same rows together.

    Attributes
    ----------
    keys : ndarray of int, shape (n_keys,)
        Source times n, plus target, ascending.
    starts : ndarray of int, shape (n_keys + 1,)
        Where the arrows of each key begin.
    whose : ndarray of int, shape (n_arrows,)
        Number of the representation.
    likeness : ndarray, shape (n_arrows,)
    returned : ndarray, shape (n_arrows,)
        Likeness where there is an arrow back too, 0 elsewhere.
    count : int
        Of the representations.
    """

    keys: Ints
    starts: Ints
    whose: Ints
    likeness: Array
    returned: Array
    count: int


def _keys(arrows: Arrows, n: int) -> Ints:
    keys: Ints = arrows.source.astype(np.intp) * n + arrows.target
    return keys


def _returned(arrows: Arrows, n: int) -> Array:
    """Likeness of each arrow's ends, by the arrow back; 0 where there is none."""
    keys, back = _keys(arrows, n), arrows.target.astype(np.intp) * n + arrows.source
    order = np.argsort(keys)
    place = np.searchsorted(keys[order], back).clip(0, len(keys) - 1)
    there = keys[order][place] == back
    likeness: Array = np.where(there, arrows.likeness[order][place], 0).astype(np.float64)
    return likeness


def _table(side: Sequence[Arrows], back: Sequence[Array], n: int) -> Table:
    keys = np.concatenate([_keys(arrows, n) for arrows in side])
    order = np.argsort(keys, kind="stable")
    keys = keys[order]
    starts = np.flatnonzero(np.append(True, keys[1:] != keys[:-1]))
    whose = np.repeat(np.arange(len(side)), [len(arrows.source) for arrows in side])
    likeness = np.concatenate([arrows.likeness for arrows in side]).astype(np.float64)
    # By the arrow itself, so that of both ends' numbers either is used once.
    returned = (np.concatenate(back) != 0) * likeness
    return Table(
        keys[starts],
        np.append(starts, len(keys)),
        whose[order],
        likeness[order],
        returned[order],
        len(side),
    )


def cknna(
    left: Sequence[Neighbours],
    right: Sequence[Neighbours],
    k: int,
    *,
    orders: Ints,
    backend: Backend,
) -> Array:
    """Alignment of kernels among shared nearest neighbours alone.

    CKNNA = h(K, L) / sqrt(h(K, K) h(L, L)), where h(K, L) is the unbiased HSIC (Song et al. 2012,
    eq. 5) of M∘K and M∘L: K and L hold the cosine similarities of rows, and M is 1 where column j
    is among the k neighbours of row i in both (Huh et al. 2024, appendix A, as in the released
    code). The kernels are not symmetric once masked, so that h has a slight direction.
    With k = n - 1 it is debiased linear CKA of rows of unit length. Chance has no formula: two
    kernels under one mask are related, the less the smaller k / n.

    Parameters
    ----------
    left, right : sequence of Neighbours
    k : int
    orders : ndarray of int, shape (n_orders, n)
        Orders of the rows of the left side; the first leaves them as they are.
    backend : Backend
        Whose memory it may take; graphs are always NumPy's.

    Returns
    -------
    ndarray, shape (n_left, n_right, n_orders)

    Raises
    ------
    InputError
        If neighbours of one representation have no structure of their own.
    """
    n = orders.shape[1]
    size = local_need(n, k, len(left), len(right), backend).chunk(backend)
    here, there = ([neighbours.arrows(k) for neighbours in side] for side in (left, right))
    back, again = ([_returned(arrows, n) for arrows in side] for side in (here, there))
    own = _own_hsic(here, back, "left", k), _own_hsic(there, again, "right", k)
    found = np.empty((len(left), len(right), len(orders)))
    for start in range(0, len(right), size):
        some = slice(start, min(start + size, len(right)))
        table = _table(there[some], again[some], n)
        for place, order in enumerate(orders):
            for row, arrows in enumerate(here):
                moved = arrows.reorder(order) if place else arrows
                found[row, some, place] = _hsic(_terms(moved, back[row], table, n), n)
    aligned: Array = found / np.sqrt(np.outer(*own))[..., None]
    return aligned


def _terms(arrows: Arrows, returned: Array, table: Table, n: int) -> tuple[Array, ...]:
    """Sum, over shared arrows, products, either kernel, and the products of margins."""
    place = np.searchsorted(table.keys, _keys(arrows, n)).clip(0, len(table.keys) - 1)
    shared = np.flatnonzero(table.keys[place] == _keys(arrows, n))
    first, last = table.starts[place[shared]], table.starts[place[shared] + 1]
    many = last - first
    one = np.repeat(shared, many)
    other = np.arange(len(one)) + np.repeat(first - np.cumsum(many) + many, many)
    whose, count = table.whose[other], table.count
    weights: Array = returned[one] * table.returned[other]
    products = np.bincount(whose, weights, count).astype(np.float64)
    rows = arrows.source[one].astype(np.intp) * count + whose
    columns = arrows.target[one].astype(np.intp) * count + whose
    of_rows = np.bincount(rows, table.likeness[other], n * count).reshape(n, count)
    of_columns = np.bincount(columns, arrows.likeness[one], n * count).reshape(n, count)
    return products, of_columns.sum(0), of_rows.sum(0), (of_columns * of_rows).sum(0)


def _hsic(terms: tuple[Any, ...], n: int) -> Array:
    """Unbiased HSIC times n (n - 3), from sums over shared arrows."""
    products, one, other, margins = terms
    hsic: Array = products + one * other / ((n - 1) * (n - 2)) - 2 * margins / (n - 2)
    return hsic


def _own_hsic(side: Sequence[Arrows], returned: Sequence[Array], where: str, k: int) -> Array:
    """Find what `cknna` divides by, shape (n_side,)."""
    found, n = np.empty(len(side)), len(side[0].source) // k
    for place, (arrows, back) in enumerate(zip(side, returned, strict=True)):
        rows, columns = (
            np.bincount(ends, arrows.likeness, n) for ends in (arrows.source, arrows.target)
        )
        products: Array = np.array(back @ arrows.likeness.astype(np.float64))
        found[place] = _hsic((products, columns.sum(), rows.sum(), columns @ rows), n)
        if found[place] <= 0:
            raise InputError(
                f"no local structure for cknna_{k}", where=f"{where}[{place}]", do="Raise k."
            )
    return found
