"""From shifted training responses to predictions, by one matrix per regularisation."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from stages.core.regression.block_orders import Block
from stages.core.regression.factors import Factors
from stages.core.regression.turning import turn

Single = NDArray[np.float32]
FLAT = 1e-12  # share of the largest value up to which test rows count as equal


class Hats:
    """The matrices H of one design in one fold, transposed and cut by the blocks of the samples.

    A prediction is linear in the training responses, y_test = H y_train (Hastie et al. 2009,
    eq. 3.44). Here it is taken apart in its sum over the test rows, the last column, and what it
    varies by, the others. If the design has few components, these are on axes of the test rows
    that span all predictions, which leaves sums of products as they are.

    Parameters
    ----------
    factors : Factors
        Of the outer split of the fold.
    blocks : sequence of Block
    fold : int
        The block that is tested.

    Attributes
    ----------
    axes : ndarray, shape (n_test, n_axes)
        No columns where the predictions are on the rows themselves, or vary by nothing.
    width : int
        Columns of the matrices without the last.
    train : ndarray, shape (n_train, n_components)
        Training rows in single precision.
    power : ndarray, shape (n_components,)
        Squared singular values of the training rows.
    columns : ndarray, shape (n_components, width + 1)
        Test rows on the axes, and their sum. H at a regularisation is `train` times these, each
        component over its power and the regularisation.
    split : Split
    known : Known or None
        What was taken out of the design.
    """

    def __init__(self, factors: Factors, blocks: Sequence[Block], fold: int) -> None:
        self._blocks, self.split, self.known = blocks, factors.split, factors.known
        test = factors.test
        varying = test - test.mean(axis=0)
        if np.abs(varying).max(initial=0) <= FLAT * np.abs(test).max(initial=0):
            axes, turned = np.empty((0, len(varying))), varying[:0]
        elif self.known is not None:  # what is left of the responses is known on the rows alone
            axes, turned = np.empty((0, len(varying))), varying
        else:
            others = sum(part.orders.size for g, part in enumerate(blocks) if g != fold)
            axes, turned = turn(varying, others / max(len(blocks[fold].orders), 1))
        self.axes = np.ascontiguousarray(axes.T, dtype=np.float32)
        self.width = len(turned)
        self.power, self.columns = factors.power, np.vstack([turned, test.sum(axis=0)]).T
        self.train = factors.train.astype(np.float32)
        self._made: dict[float, list[Single]] = {}

    def __call__(self, strength: float) -> list[Single]:
        """One per block, (n_rows, width + 1), zero where a row is not trained on."""
        if strength not in self._made:
            n_samples = sum(len(block.rows) for block in self._blocks)
            whole = np.zeros((n_samples, self.width + 1), dtype=np.float32)
            weighed = self.columns / (self.power + strength)[:, None]
            whole[self.split.train] = self.train @ weighed.astype(np.float32)
            self._made[strength] = [whole[block.rows] for block in self._blocks]
        return self._made[strength]
