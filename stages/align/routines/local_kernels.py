"""CKNNA: alignment of kernels among shared nearest neighbours alone."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from stages.align.routines.arrow_table import ArrowTable, arrow_keys, arrow_table
from stages.align.routines.arrows import Arrows, Neighbours
from stages.align.routines.chains import FLAT
from stages.align.routines.needs import local_need
from stages.core.run.errors import InputError
from stages.core.stats.backend import Array, Backend

Ints = NDArray[np.intp]
EPS = np.finfo(np.float64).eps


@dataclass(frozen=True)
class Right:
    """The arrows of several representations.

    Attributes
    ----------
    table : ArrowTable
    likeness : ndarray, shape (n_arrows,)
        Of each arrow of the table.
    returned : ndarray, shape (n_arrows,)
        Likeness where there is an arrow back too, 0 elsewhere.
    count : int
        Of the representations.
    """

    table: ArrowTable
    likeness: Array
    returned: Array
    count: int


def _returned(arrows: Arrows, n: int) -> Array:
    """Likeness of each arrow's ends, by the arrow back; 0 where there is none."""
    keys, back = arrow_keys(arrows, n), arrow_keys(arrows, n, back=True)
    order = np.argsort(keys)
    place = np.searchsorted(keys[order], back).clip(0, len(keys) - 1)
    there = keys[order][place] == back
    likeness: Array = np.where(there, arrows.likeness[order][place], 0).astype(np.float64)
    return likeness


def _right(side: Sequence[Arrows], back: Sequence[Array], n: int) -> Right:
    table = arrow_table([arrow_keys(arrows, n) for arrows in side])
    likeness = np.concatenate([arrows.likeness for arrows in side]).astype(np.float64)
    # By the arrow itself, so that of both ends' numbers either is used once.
    returned = (np.concatenate(back) != 0) * likeness
    return Right(table, likeness[table.order], returned[table.order], len(side))


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
        those = _right(there[some], again[some], n)
        for place, order in enumerate(orders):
            for row, arrows in enumerate(here):
                moved = arrows.reorder(order) if place else arrows
                found[row, some, place] = _hsic(_terms(moved, back[row], those, n), n)
    aligned: Array = found / np.sqrt(np.outer(*own))[..., None]
    return aligned


def _terms(arrows: Arrows, returned: Array, right: Right, n: int) -> tuple[Array, ...]:
    """Sum, over shared arrows, products, either kernel, and the products of margins."""
    one, other = right.table.shared(arrow_keys(arrows, n))
    whose, count = right.table.whose[other], right.count
    weights: Array = returned[one] * right.returned[other]
    products = np.bincount(whose, weights, count).astype(np.float64)
    rows = arrows.source[one].astype(np.intp) * count + whose
    columns = arrows.target[one].astype(np.intp) * count + whose
    of_rows = np.bincount(rows, right.likeness[other], n * count).reshape(n, count)
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
        likeness = arrows.likeness.astype(np.float64)
        products: Array = np.array(back @ likeness)
        found[place] = _hsic((products, columns.sum(), rows.sum(), columns @ rows), n)
        # Rounding of the likeness counts squared, that of the sums over it once.
        summed = FLAT * EPS * np.sqrt(len(likeness))
        least = max((FLAT * np.finfo(arrows.likeness.dtype).eps) ** 2, summed)
        if found[place] <= least * (likeness @ likeness):
            raise InputError(
                f"no local structure for cknna_{k}", where=f"{where}[{place}]", do="Raise k."
            )
    return found
