"""Sums of squares and products over stretches of samples that no split cuts."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from stages.core.regression.folds import Rows, Split

Array = NDArray[np.float64]


@dataclass(frozen=True)
class Sums:
    """Of some rows.

    Attributes
    ----------
    n : int
    mean : ndarray, shape (n_columns,)
    scatter : ndarray, shape (n_columns, n_columns)
        Products of deviations from the mean, summed over the rows.
    """

    n: int
    mean: Array
    scatter: Array


def whole_blocks(splits: Sequence[Split], n_samples: int) -> Rows:
    """Find the largest sets of samples that each split trains on, tests or omits as a whole.

    Returns
    -------
    ndarray of int, shape (n_samples,)
    """
    sides = np.zeros((n_samples, 2 * len(splits)), dtype=bool)
    for number, split in enumerate(splits):
        sides[split.train, 2 * number] = True
        sides[split.test, 2 * number + 1] = True
    bits = np.packbits(sides, axis=1)
    return np.unique(bits, axis=0, return_inverse=True)[1].reshape(-1).astype(np.intp)


class BlockSums:
    """Sums over blocks, of which those over a set of blocks are made.

    Each block is centred by itself, and sums are joined as Chan et al. (1983, Am Stat 37:242) do,
    so that no digit is lost where a mean is large beside what varies.

    Parameters
    ----------
    values : ndarray, shape (n_samples, n_columns)
    blocks : ndarray of int, shape (n_samples,)
        Made by `whole_blocks`.
    """

    def __init__(self, values: Array, blocks: Rows) -> None:
        self.values, self.blocks = values, blocks
        rows = [np.flatnonzero(blocks == block) for block in range(int(blocks.max()) + 1)]
        self._rows, self._n = rows, np.array([len(own) for own in rows])
        self._means = np.stack([values[own].mean(axis=0) for own in rows])
        self._scatters = []
        for own, mean in zip(rows, self._means, strict=True):
            centred = values[own] - mean
            self._scatters.append(centred.T @ centred)
        self._crossed: tuple[Array, list[Array], Array] | None = None

    def over(self, rows: Rows) -> Sums:
        """Join the sums of rows that are whole blocks."""
        blocks, weights, mean = self._joined(rows)
        apart = (self._means[blocks] - mean) * np.sqrt(weights)[:, None]
        scatter = apart.T @ apart
        for block in blocks:
            scatter += self._scatters[block]
        return Sums(int(weights.sum()), mean, scatter)

    def products(self, rows: Rows, targets: Array) -> Array:
        """Products of the columns, less their means over the rows, with targets, over the rows.

        Parameters
        ----------
        rows : ndarray of int
            Whole blocks.
        targets : ndarray, shape (n_samples, n_targets)
            What is summed over each block is kept as long as the same array is asked for.

        Returns
        -------
        ndarray, shape (n_columns, n_targets)
        """
        blocks, _, mean = self._joined(rows)
        if self._crossed is None or self._crossed[0] is not targets:
            self._crossed = targets, *self._cross(targets)
        _, within, totals = self._crossed
        found = (self._means[blocks] - mean).T @ totals[blocks]
        for block in blocks:
            found += within[block]
        return found

    def _joined(self, rows: Rows) -> tuple[Rows, Rows, Array]:
        """Blocks of the rows, how many rows each has, and the mean over them all."""
        blocks = np.unique(self.blocks[rows])
        weights = self._n[blocks]
        return blocks, weights, weights @ self._means[blocks] / weights.sum()

    def _cross(self, targets: Array) -> tuple[list[Array], Array]:
        """Products within each block, and sums of the targets over each."""
        within = []
        for own, mean in zip(self._rows, self._means, strict=True):
            within.append((self.values[own] - mean).T @ targets[own])
        return within, np.stack([targets[own].sum(axis=0) for own in self._rows])
