"""Shifted responses of the test rows of a fold, without what nuisance variables tell of them."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from stages.core.regression.block_orders import Block
from stages.core.regression.known import Known

Single = NDArray[np.float32]
DRAWS = 128  # rows that are summed at once


class LeftOver:
    """What is left of responses in one fold.

    Parameters
    ----------
    known : Known
        The nuisance variables in the outer split of the fold.
    blocks : sequence of Block
    fold : int
        The block that is tested.

    Attributes
    ----------
    fits : list of ndarray, each of shape (n_rows, n_axes)
        Of each block, from responses to weights of what is known; zero where not trained on.
    test : ndarray, shape (n_axes, n_test)
        What is known of the test rows.
    """

    def __init__(self, known: Known, blocks: Sequence[Block], fold: int) -> None:
        train = known.split.train
        whole = np.zeros((sum(len(block.rows) for block in blocks), len(known.fit)))
        whole[train] = known.fit.T
        self._trained = [g for g, block in enumerate(blocks) if np.isin(block.rows, train).any()]
        self.fits = [whole[block.rows].astype(np.float32) for block in blocks]
        self._blocks, self._fold = blocks, fold
        self.test = known.test.T.astype(np.float32)

    def __call__(self, moved: Sequence[Single]) -> Single:
        """Take out what is known, shape (n_shifts, n_test).

        Parameters
        ----------
        moved : sequence of ndarray, each of shape (n_orders, n_rows)
            Responses of each block in each of its orders.
        """
        tables = [(moved[g] @ self.fits[g], self._blocks[g].drawn) for g in self._trained]
        explained = sum_of_rows(tables) @ self.test
        left: Single = moved[self._fold].take(self._blocks[self._fold].drawn, axis=0) - explained
        return left


def sum_of_rows(tables: Sequence[tuple[Single, NDArray[np.intp]]]) -> Single:
    """Add up the rows that each draw takes of each table, for so many draws as a cache holds."""
    (first, drawn), *others = tables
    found = np.empty((len(drawn), first.shape[1]), dtype=np.float32)
    for start in range(0, len(drawn), DRAWS):
        draws = slice(start, start + DRAWS)
        few = first.take(drawn[draws], axis=0, out=found[draws], mode="clip")
        for table, own in others:
            few += table.take(own[draws], axis=0)
    return found
