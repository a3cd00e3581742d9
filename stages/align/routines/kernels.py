"""Centred kernel alignment of all pairs: one matrix product per tile."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from stages.align.representation import Representation
from stages.align.routines.chains import FLAT, NARROW, chain, own, place_in
from stages.align.routines.kernel_blocks import Side, make_side
from stages.align.routines.needs import kernel_need
from stages.core.names.metrics import Metric
from stages.core.run.errors import InputError
from stages.core.stats.backend import Array, Backend

Ints = NDArray[np.intp]


def cka(
    left: Sequence[Representation],
    right: Sequence[Representation],
    metrics: Sequence[Metric],
    orders: Ints,
    backend: Backend,
) -> dict[str, Array]:
    """Centred kernel alignment, the cosine of the angle between two centred kernels.

    CKA(K, L) = HSIC(K, L) / sqrt(HSIC(K, K) HSIC(L, L)).

    - Linear: K = X Xᵀ. RBF: K_ij = exp(-|x_i - x_j|² / 2σ²), with σ = bandwidth × the median
      distance between rows, so that one bandwidth means the same for every width and scale
      (Kornblith et al. 2019, section 4); with n > 1000, the median over 1000 evenly spaced rows.
    - Debiased: the unbiased HSIC of Song et al. (2012, eq. 5), as Murphy et al. (2024) advise.
      Chance level 0, whatever the widths; it may fall below 0.
    - Biased: HSIC = tr(K H L H) with H = I - 1/n (Gretton et al. 2005; Kornblith et al. 2019).
      It rises to 1 with width in noise. For reproduction alone; only the null tells its chance.
    - `cka_rbf_sigma_<sigma>_biased`: σ in the units of the features, as published studies set it.

    A linear kernel, once centred, is -½ times the centred squared distances, so that all kernels
    come from one matrix of distances, and dissimilarities can stand for features. Kernels are made
    once, about centred by what some rows tell of their margins, and centred exactly in the end.

    Parameters
    ----------
    left, right : sequence of Representation
    metrics : sequence of Metric
        Of the family `kernel`.
    orders : ndarray of int, shape (n_orders, n)
        Orders of the rows of the left side; the first leaves them as they are.
    backend : Backend

    Returns
    -------
    dict of ndarray, shape (n_left, n_right, n_orders)

    Raises
    ------
    InputError
        If a kernel is flat: its values between different rows are all the same, up to rounding.
    """
    return compare_kernels(left, right, metrics, orders, backend)[0]


def compare_kernels(
    left: Sequence[Representation],
    right: Sequence[Representation],
    metrics: Sequence[Metric],
    orders: Ints,
    backend: Backend,
    *,
    squares: bool = False,
) -> tuple[dict[str, Array], tuple[Side, Side]]:
    """Align kernels as `cka` does, and keep what was prepared and added up of either side.

    Parameters
    ----------
    left, right, metrics, orders, backend
        As those of `cka`.
    squares : bool
        Whether to add up the squares of each row, too.

    Returns
    -------
    dict of ndarray, shape (n_left, n_right, n_orders)
    tuple of Side
        Left and right, without room for kernels.

    Raises
    ------
    InputError
        As `cka`.
    """
    n, links, count = orders.shape[1], chain(metrics), len(orders)
    cuts = kernel_need(left, right, metrics, count, backend).tiles(n, backend)
    one, other = (
        make_side(
            name, each, links, orders=many, largest=cuts[0].size, backend=backend, squares=squares
        )
        for name, each, many in (("left", left, count), ("right", right, 1))
    )
    products = backend.zeros(len(links), count, len(left), len(right))
    for tile in cuts:
        there = other.fill(tile)
        for place, order in enumerate(orders):
            here = one.fill(tile, order if place else None)
            for k in range(len(links)):
                products[k, place] += here[k] @ there[k].T
    found = backend.get(products)
    scores = {}
    for metric in metrics:
        k = place_in(links, metric)
        centred = _centre(metric, k, one), _centre(metric, k, other)
        scores[metric.name] = _cosines(found[k], *centred, orders)
    return scores, (one.without_room(), other.without_room())


@dataclass(frozen=True)
class Centred:
    """What centres one kernel of all representations of a side exactly.

    Attributes
    ----------
    biased : bool
    diagonal : ndarray, shape (n_side, n)
        0 if debiased.
    sums : ndarray, shape (n_side, n)
        Of each row.
    square : ndarray, shape (n_side,)
        Inner product of each centred kernel with itself.
    """

    biased: bool
    diagonal: Array
    sums: Array
    square: Array


def _centre(metric: Metric, k: int, side: Side) -> Centred:
    """Find what centres the kernels of one metric.

    Raises
    ------
    InputError
        If only rounding is left of one.
    """
    sums = side.backend.get(side.sums[k])
    diagonal = np.zeros_like(sums)
    if metric.biased:
        taken = np.stack([side.backend.get(one.margins[k]) for one in side.each])
        diagonal = np.array([[own(one.slopes[k])] for one in side.each]) - 2 * taken
    power = 2 * side.backend.get(side.power[k]) + np.square(diagonal).sum(axis=1)
    sums = sums + diagonal
    along, across = np.square(sums).sum(axis=1), sums.sum(axis=1) ** 2
    square = _inner(power, along, across, side.n, metric.biased)
    for place, value in enumerate(square):
        if value <= 2 * _raw_power(k, place, side) * (FLAT * side.backend.eps) ** 2:
            raise InputError(
                f"flat kernel for {metric.name}",
                where=f"{side.name}[{place}]",
                do="Its rows are all equally far from each other, as this kernel sees them: "
                "try another bandwidth, or float64.",
            )
    return Centred(metric.biased, diagonal, sums, square)


def _raw_power(k: int, place: int, side: Side) -> float:
    """Sum of squares of a kernel above the diagonal, before anything is taken from it.

    Of a wide kernel, less 1: about that of the mean distance for every pair.
    """
    n, one, get = side.n, side.each[place], side.backend.get
    if one.slopes[k] <= NARROW:
        return n * (n - 1) / 2 * own(one.slopes[k]) ** 2
    taken = get(one.margins[k])
    power = float(get(side.power[k, place])) + 2 * float(taken @ get(side.sums[k, place]))
    return power + (n - 2) * float(taken @ taken) + float(taken.sum()) ** 2


def _inner(products: Array, along: Array, across: Array, n: int, biased: bool) -> Array:
    """Turn inner products of whole kernels into those of centred ones.

    Debiased, the diagonal is left out and margins are those of U-centring (Székely & Rizzo 2014),
    whose inner product is n (n - 3) times the unbiased HSIC (Song et al. 2012, eq. 5).

    Parameters
    ----------
    products : ndarray, any shape
    along, across : ndarray
        Of the same shape: inner products of the sums of rows, and products of the sums of all.
    n : int
        Number of rows.
    biased : bool
    """
    count, both = (n, n * n) if biased else (n - 2, (n - 1) * (n - 2))
    centred: Array = products - 2 * along / count + across / both
    return centred


def _cosines(products: Array, left: Centred, right: Centred, orders: Ints) -> Array:
    """Turn products above the diagonal, by order, into cosines between whole kernels."""
    n, biased = orders.shape[1], left.biased
    across = np.outer(left.sums.sum(axis=1), right.sums.sum(axis=1))
    scores = np.empty((*products.shape[1:], len(orders)))
    for place, order in enumerate(orders):
        whole = 2 * products[place] + left.diagonal[:, order] @ right.diagonal.T
        scores[..., place] = _inner(whole, left.sums[:, order] @ right.sums.T, across, n, biased)
    aligned: Array = scores / np.sqrt(np.outer(left.square, right.square))[..., None]
    return aligned
