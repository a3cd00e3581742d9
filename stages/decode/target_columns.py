"""Columns of targets as the models of a fold see them: as they are, or shifted many times."""

from collections.abc import Sequence
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from stages.core.regression.block_orders import Block
from stages.core.regression.folds import Rows

Array = NDArray[np.float64]
Single = NDArray[np.float32]
Floats = NDArray[np.floating]
FEW = 32  # rows of a table that are spread over the draws at once, as many as a cache holds


class Columns(Protocol):
    """What a linear model asks of its targets."""

    def rows(self, rows: Rows) -> Floats:
        """Return the values of some samples, shape (n_rows, n_columns)."""

    def product(self, basis: Floats, rows: Rows) -> Floats:
        """Multiply a basis of some samples, transposed, with them: (n_components, n_columns)."""

    def mean(self, rows: Rows) -> Array:
        """Average some samples, shape (n_columns,)."""

    def sums(self, rows: Rows) -> tuple[Array, Array]:
        """Sum some samples, and their squares, each of shape (n_columns,)."""


class PlainColumns:
    """Targets as they are.

    Parameters
    ----------
    series : ndarray, shape (n_samples, n_columns)
    """

    def __init__(self, series: Floats) -> None:
        self._series = series

    def rows(self, rows: Rows) -> Floats:
        """Return the values of some samples."""
        found: Floats = self._series[rows]
        return found

    def product(self, basis: Floats, rows: Rows) -> Floats:
        """Multiply a basis with some samples."""
        found: Floats = basis.T @ self._series[rows]
        return found

    def mean(self, rows: Rows) -> Array:
        """Average some samples."""
        found: Array = self._series[rows].mean(axis=0, dtype=float)
        return found

    def sums(self, rows: Rows) -> tuple[Array, Array]:
        """Sum some samples, and their squares."""
        values = self._series[rows]
        return values.sum(axis=0, dtype=float), np.einsum("nc,nc->c", values, values, dtype=float)


class ShiftedColumns:
    """Every shift of some targets, the shifts of the first before those of the second.

    Sums and products are tables over the distinct orders of each block of samples, of which every
    draw takes one: they grow with the length of the blocks, and not with the number of draws.

    Parameters
    ----------
    series : ndarray of float32, shape (n_samples, n_targets)
    blocks : sequence of Block
        That together hold every sample once.
    """

    def __init__(self, series: Single, blocks: Sequence[Block]) -> None:
        self._series, self._blocks = series, blocks
        self._moved = [
            np.ascontiguousarray(series.T[:, block.orders].transpose(2, 0, 1)) for block in blocks
        ]

    def rows(self, rows: Rows) -> Floats:
        """Return the values of some samples."""
        n_shifts = len(self._blocks[0].drawn)
        found = np.empty((len(self._series), self._series.shape[1], n_shifts), np.float32)
        for block, moved in zip(self._blocks, self._moved, strict=True):
            found[block.rows] = moved[..., block.drawn]
        return found.reshape(len(found), -1)[rows]

    def product(self, basis: Floats, rows: Rows) -> Floats:
        """Multiply a basis with some samples."""
        return self._product(basis, rows, self._moved)

    def mean(self, rows: Rows) -> Array:
        """Average some samples."""
        found: Array = self.product(np.full((len(rows), 1), 1 / len(rows)), rows)[0]
        return found

    def sums(self, rows: Rows) -> tuple[Array, Array]:
        """Sum some samples, and their squares."""
        ones, squares = np.ones((len(rows), 1)), [moved**2 for moved in self._moved]
        return self.product(ones, rows)[0], self._product(ones, rows, squares)[0]

    def _product(self, basis: Floats, rows: Rows, moved: Sequence[Single]) -> Floats:
        whole = np.zeros((len(self._series), basis.shape[1]), basis.dtype)
        whole[rows] = basis
        inside = np.zeros(len(whole), dtype=bool)
        inside[rows] = True
        return self._add_up(
            [
                (np.tensordot(whole[block.rows].T, values, axes=1), block)
                for block, values in zip(self._blocks, moved, strict=True)
                if inside[block.rows].any()
            ]
        )

    def _add_up(self, tables: Sequence[tuple[Floats, Block]]) -> Floats:
        """Add up what each draw takes of each table, of shape (n_components, n_targets, n_orders).

        Returns
        -------
        ndarray, shape (n_components, n_columns)
        """
        (first, block), *others = tables
        found = np.empty((*first.shape[:2], len(block.drawn)), dtype=first.dtype)
        for start in range(0, len(found), FEW):
            few = slice(start, start + FEW)
            first[few].take(block.drawn, axis=2, out=found[few], mode="clip")
            for table, other in others:
                found[few] += table[few].take(other.drawn, axis=2, mode="clip")
        return found.reshape(len(found), -1)
