"""Centred kernel alignment of all pairs: one matrix product per block of rows."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property, partial
from typing import Any

import numpy as np
from numpy.typing import NDArray

from stages.align.backend import Array, Backend
from stages.align.representation import Dissimilarities, Representation
from stages.core.names.metrics import Metric
from stages.core.run.errors import InputError

Ints = NDArray[np.intp]
MOST_FOR_MEDIAN = 1000  # rows; half a million distances settle a median
SCRATCH = 6  # blocks of one kernel in the making
FLAT = 16  # units of rounding; a kernel that varies less is noise


@dataclass(frozen=True)
class Squared:
    """Squared distances between the rows of one representation, in units of their mean.

    Attributes
    ----------
    factors : pair of device arrays, shape (n, p + 2), or None
        Whose products are the distances.
    square : device array, shape (n, n), or None
        The distances themselves, where they take less room.
    unit : float
        The mean squared distance.
    backend : Backend
    """

    factors: tuple[Any, Any] | None
    square: Any
    unit: float
    backend: Backend

    def block(self, order: Any, block: slice) -> Any:
        """Distances between some rows and these and all later ones, once rows are reordered.

        Parameters
        ----------
        order : device array of int, shape (n,)
        block : slice

        Returns
        -------
        device array, shape (n_block, n - block.start)
        """
        some, later = order[block], order[block.start :]
        if self.factors is None:
            return self.square[some[:, None], later]
        one, other = self.factors
        return one[some] @ other[later].T

    @cached_property
    def median(self) -> float:
        """Median distance, over at most MOST_FOR_MEDIAN evenly spaced rows."""
        n = len(self.square if self.factors is None else self.factors[0])
        some = np.linspace(0, n - 1, min(n, MOST_FOR_MEDIAN)).round().astype(np.intp)
        distances = self.block(self.backend.index(some), slice(0, len(some)))
        above = ~np.tri(len(some), dtype=np.bool_)
        return float(np.median(np.sqrt(np.maximum(self.backend.host(distances)[above], 0))))


def squared_distances(representation: Representation, backend: Backend) -> Squared:
    """Prepare a representation for its kernels."""
    if isinstance(representation, Dissimilarities):
        values = np.asarray(representation.values, dtype=np.float64)
        unit = float(values.sum()) / (len(values) * (len(values) - 1))
        return Squared(None, backend.put(values / unit), unit, backend)
    rows = np.asarray(representation, dtype=np.float64)
    rows = rows - rows.mean(axis=0)
    n, width = rows.shape
    unit = 2 * float(np.square(rows).sum()) / (n - 1)
    rows /= np.sqrt(unit)
    norms, ones = np.square(rows).sum(axis=1, keepdims=True), np.ones((n, 1))
    factors = np.hstack([-2 * rows, norms, ones]), np.hstack([rows, ones, norms])
    squared = Squared((backend.put(factors[0]), backend.put(factors[1])), None, unit, backend)
    if width < n:
        return squared
    everything = squared.block(backend.index(np.arange(n)), slice(0, n))
    return Squared(None, everything, unit, backend)


def steepness(metric: Metric, squared: Squared, where: str) -> float:
    """Factor c of a kernel exp(-c d²), with d² in units of its mean; 0 for the linear kernel.

    Raises
    ------
    InputError
        If the bandwidth is in medians of distances, and the median is 0.
    """
    if metric.sigma is not None:
        return squared.unit / (2 * metric.sigma**2)
    if metric.bandwidth is None:
        return 0.0
    if squared.median**2 <= FLAT * squared.backend.eps:
        raise InputError("more than half of the distances are 0", where=f"{where}, {metric.name}")
    return 1 / (2 * (metric.bandwidth * squared.median) ** 2)


@dataclass(frozen=True)
class Centring:
    """What centres one kernel: K_ij - margin_i - margin_j, the mean shared among the margins.

    Attributes
    ----------
    slope : float
        See `steepness`.
    margin : ndarray, shape (n,)
    diagonal : ndarray, shape (n,)
        Of the centred kernel; 0 if debiased.
    power : float
        Sum of squares of the kernel above the diagonal, before it is centred.
    """

    slope: float
    margin: Array
    diagonal: Array
    power: float


def _is_narrow(slope: float) -> bool:
    """Whether a kernel is mostly near 0 between different rows, rather than near 1."""
    return slope > 1


def _fill_kernel(place: Any, distances: Any, slope: float, backend: Backend) -> None:
    """Write a kernel, up to constants that centring takes out.

    A wide kernel is less 1, so that rounding does not swallow what varies.
    """
    backend.xp.multiply(distances, -slope if slope else -1.0, out=place)
    if slope:
        function = backend.xp.exp if _is_narrow(slope) else backend.xp.expm1
        function(place, out=place)


def _above(rows: int, backend: Backend) -> Any:
    """1 above the diagonal, 0 elsewhere, shape (rows, rows)."""
    return backend.put(~np.tri(rows, dtype=np.bool_))


def centrings(
    squared: Squared, metrics: Sequence[Metric], where: str, blocks: list[slice], backend: Backend
) -> list[Centring]:
    """Pass over one representation's kernels to find what centres each.

    Debiased, the diagonal is left out and margins are those of U-centring (Székely & Rizzo 2014),
    whose inner product is n (n - 3) times the unbiased HSIC (Song et al. 2012, eq. 5).
    """
    n = blocks[-1].stop
    order = backend.index(np.arange(n))
    slopes = [steepness(metric, squared, where) for metric in metrics]
    sums, power = np.zeros((len(metrics), n)), np.zeros(len(metrics))
    for block in blocks:
        distances, above = squared.block(order, block), _above(block.stop - block.start, backend)
        kernel = backend.xp.empty_like(distances)
        for k, slope in enumerate(slopes):
            _fill_kernel(kernel, distances, slope, backend)
            kernel[:, : len(kernel)] *= above
            sums[k, block] += backend.get(kernel.sum(1))
            sums[k, block.start :] += backend.get(kernel.sum(0))
            flat = kernel.reshape(-1)
            power[k] += float(flat @ flat)
    found = []
    for metric, slope, row, size in zip(metrics, slopes, sums, power, strict=True):
        own = float(metric.biased and _is_narrow(slope))
        count, others = (n, n) if metric.biased else (n - 2, n - 1)
        margin = (row + own) / count - (row + own).sum() / (2 * others * count)
        diagonal = own - 2 * margin if metric.biased else np.zeros(n)
        found.append(Centring(slope, margin, diagonal, float(size)))
    return found


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
    come from one matrix of distances, and dissimilarities can stand for features.

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
    n = orders.shape[1]
    sides = [
        [squared_distances(representation, backend) for representation in side]
        for side in (left, right)
    ]
    kernels = len(metrics) * (len(left) + len(right)) + SCRATCH
    blocks = backend.blocks(n, n * backend.itemsize * kernels, "a row of every kernel")
    centred = [
        [
            centrings(squared, metrics, f"{name}[{place}]", blocks, backend)
            for place, squared in enumerate(side)
        ]
        for name, side in zip(("left", "right"), sides, strict=True)
    ]
    shape = (len(metrics), len(orders), len(left), len(right))
    products, power = np.zeros(shape), [np.zeros((len(metrics), len(side))) for side in sides]
    # One room for all blocks: fresh memory for each costs as much as the kernels themselves.
    longest = max((block.stop - block.start) * (n - block.start) for block in blocks)
    rooms = [backend.empty(len(metrics) * len(side) * longest) for side in sides]
    fill = partial(_fill_block, backend=backend)
    for block in blocks:
        one = fill(rooms[1], sides[1], centred[1], order=orders[0], block=block)
        power[1] += _power(one)
        for place, order in enumerate(orders):
            other = fill(rooms[0], sides[0], centred[0], order=order, block=block)
            if place == 0:
                power[0] += _power(other)
            for k in range(len(metrics)):
                products[k, place] += backend.get(other[k] @ one[k].T)
    return _normalised(metrics, products, power, centred, orders, eps=backend.eps)


def _fill_block(
    room: Any,
    side: list[Squared],
    centred: list[list[Centring]],
    *,
    order: Ints,
    block: slice,
    backend: Backend,
) -> Any:
    """Centred kernels of one side above the diagonal, shape (n_kernels, n_side, n_numbers)."""
    where, rows, columns = backend.index(order), block.stop - block.start, len(order) - block.start
    shape, above = (len(centred[0]), len(side), rows, columns), _above(rows, backend)
    made = room[: math.prod(shape)].reshape(shape)
    for place, squared in enumerate(side):
        distances = squared.block(where, block)
        for k, centring in enumerate(centred[place]):
            kernel, margin = made[k, place], backend.put(centring.margin[order])
            _fill_kernel(kernel, distances, centring.slope, backend)
            kernel -= margin[block][:, None]
            kernel -= margin[block.start :]
            kernel[:, :rows] *= above
    return made.reshape(*shape[:2], rows * columns)


def _power(kernels: Any) -> Array:
    """Sum of squares of each kernel, shape (n_kernels, n_side)."""
    return np.array([[float(row @ row) for row in kernel] for kernel in kernels])


def _normalised(
    metrics: Sequence[Metric],
    products: Array,
    power: list[Array],
    centred: list[list[list[Centring]]],
    orders: Ints,
    *,
    eps: float,
) -> dict[str, Array]:
    """Turn products above the diagonal into cosines between whole kernels."""
    scores = {}
    for k, metric in enumerate(metrics):
        diagonals = [np.array([each[k].diagonal for each in side]) for side in centred]
        whole = 2 * products[k]
        for place, order in enumerate(orders):
            whole[place] += diagonals[0][:, order] @ diagonals[1].T
        squares = [
            2 * above[k] + np.square(diagonal).sum(axis=1)
            for above, diagonal in zip(power, diagonals, strict=True)
        ]
        for name, side, square in zip(("left", "right"), centred, squares, strict=True):
            _check_varies(metric, name, square, np.array([each[k].power for each in side]), eps)
        lengths = np.sqrt(np.outer(*squares))
        scores[metric.name] = np.moveaxis(whole / lengths, 0, -1)
    return scores


def _check_varies(metric: Metric, side: str, centred: Array, raw: Array, eps: float) -> None:
    flat = centred <= 2 * raw * (FLAT * eps) ** 2
    if flat.any():
        raise InputError(
            f"flat kernel for {metric.name}",
            where=f"{side}[{int(flat.argmax())}]",
            do="Its rows are all equally far from each other, as this kernel sees them: "
            "try another bandwidth, or float64.",
        )
