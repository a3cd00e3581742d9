"""One pass over a matrix of pairs: what centres it, and its sums of second order."""

from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from stages.align.nulls.number_kinds import like, row_products, to_host
from stages.align.nulls.pairwise import PairwiseMatrix

Array = NDArray[np.float64]
Form = Literal["off-diagonal", "double-centred", "pairs"]
LANDMARKS = 64  # rows whose means stand for those of all while these are not known
BLOCK = 128  # rows held at once


@dataclass(frozen=True)
class Centred:
    """Sums over all rows, and what centres any part of the matrix.

    Attributes
    ----------
    margin : ndarray, shape (n,)
        U_ij = A_ij - margin_i - margin_j off the diagonal (Székely & Rizzo 2014).
    effects : ndarray, shape (n,)
        Of rows, in units of U, so that T = level level' + <U, U'> + <effects, effects'>.
    level : float
    square : float
        Sum of squares of U.
    most : float
        Bound of |U_ij|.
    busy : float
        Share of the squares that the row with most has; 0 where all rows are held.
    """

    margin: Array
    effects: Array
    level: float
    square: float
    most: float
    busy: float = 0.0


def centre(matrix: PairwiseMatrix, form: Form) -> Centred:
    """Pass over all rows once.

    What landmarks estimate of the margins is taken off first, and what is left of them at the end,
    so that the sum of squares does not cancel in single precision.
    """
    n = matrix.n
    count = min(n, LANDMARKS)
    near = np.linspace(0, n - 1, count).round().astype(np.intp)
    coarse = to_host(sum(matrix.rows(slice(row, row + 1))[0] for row in near)) / count
    coarse -= coarse.mean() / 2
    sums, diagonal, squares, most = np.zeros(n), np.zeros(n), np.zeros(n), 0.0
    for block in _blocks(n):
        values = matrix.rows(block)
        here, own = np.arange(len(values)), np.arange(block.start, block.stop)
        diagonal[block] = to_host(values[here, own])
        values = values - like(coarse[block, None], values) - like(coarse, values)
        values[here, own] = 0
        sums[block] = to_host(values.sum(1))
        squares[block] = to_host((values * values).sum(1))
        most = max(most, float(abs(values).max()))
    return finished(form, Rough(coarse, sums, diagonal, squares, most))


@dataclass(frozen=True)
class Rough:
    """Sums over all rows of a matrix that has been centred about.

    Attributes
    ----------
    taken : ndarray, shape (n,)
        About the margins: A_ij - taken_i - taken_j is what was added up.
    sums : ndarray, shape (n,)
        Of what is left in each row, off the diagonal.
    diagonal : ndarray, shape (n,)
        Of A itself.
    squares : ndarray, shape (n,)
        Sum of squares of what is left in each row, off the diagonal.
    most : float
        Its largest magnitude.
    """

    taken: Array
    sums: Array
    diagonal: Array
    squares: Array
    most: float


def finished(form: Form, rough: Rough) -> Centred:
    """Centre exactly what has been centred about."""
    taken, sums, square = rough.taken, rough.sums, float(rough.squares.sum())
    n, total = len(sums), sums.sum()
    busy = float(rough.squares.max()) / square if square > 0 else 0.0
    rest = sums / (n - 2) - total / (2 * (n - 1) * (n - 2))
    square += -2 * float(sums @ sums) / (n - 2) + total**2 / ((n - 1) * (n - 2))
    effects, level = _effects(form, sums + (n - 2) * taken + taken.sum(), rough.diagonal)
    most = rough.most + 2 * float(abs(rest).max())
    return Centred(taken + rest, effects, level, max(square, 0.0), most, busy)


def centre_held(part: Any, form: Form) -> Centred:
    """Centre a matrix in memory, in place; its diagonal is emptied.

    Afterwards `part` is U, and the square and the largest magnitude are its own.
    """
    own = np.arange(len(part))
    diagonal = to_host(part[own, own])
    part[own, own] = 0
    sums = to_host(part.sum(1))
    n, total = len(sums), sums.sum()
    margin = sums / (n - 2) - total / (2 * (n - 1) * (n - 2))
    shift = like(margin, part)
    part -= shift[:, None]
    part -= shift
    part[own, own] = 0
    effects, level = _effects(form, sums, diagonal)
    return Centred(margin, effects, level, float(to_host(row_products(part, part)).sum()), 0.0)


def _effects(form: Form, sums: Array, diagonal: Array) -> tuple[Array, float]:
    """Effects of rows and level, from the sums of rows off the diagonal and the diagonal."""
    n = len(sums)
    if form == "off-diagonal":
        return np.zeros(n), 0.0
    if form == "pairs":
        mean = sums.sum() / (n * (n - 1))
        around = (sums - (n - 1) * mean) / (n - 2)
        return np.sqrt(2 * (n - 2)) * around, float(np.sqrt(n * (n - 1)) * mean)
    whole = sums + diagonal
    centred = diagonal - 2 * whole / n + whole.sum() / n**2
    level = float(centred.sum() / np.sqrt(n - 1))
    return np.sqrt(n / (n - 2)) * (centred - centred.mean()), level


def most_of(matrix: PairwiseMatrix, margin: Array) -> float:
    """Largest |U_ij|, from one more pass."""
    most = 0.0
    for block in _blocks(matrix.n):
        values = matrix.rows(block)
        values = values - like(margin[block, None], values) - like(margin, values)
        values[np.arange(len(values)), np.arange(block.start, block.stop)] = 0
        most = max(most, float(abs(values).max()))
    return most


def _blocks(n: int) -> list[slice]:
    return [slice(start, min(start + BLOCK, n)) for start in range(0, n, BLOCK)]
