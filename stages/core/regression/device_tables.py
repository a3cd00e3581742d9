"""Predictions of one fold from every draw, of many targets at once, on a device of PyTorch."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from stages.core.regression.block_orders import Block
from stages.core.regression.device_moved import Moved, Tensor
from stages.core.regression.hats import Hats
from stages.core.regression.left_over import LeftOver
from stages.core.stats.backend import Backend

Array = NDArray[np.float64]


class DeviceTables:
    """Several designs in one fold.

    Does what `FoldTables` does for one target at a time: there, what a target needs stays in the
    cache of a processor; here, targets of the same regularisation share a product. Products are of
    single precision, sums over the test rows of double, and nothing but these leaves the device.

    Parameters
    ----------
    hats : sequence of Hats
        One per design.
    blocks : sequence of Block
    fold : int
        The block that is tested.
    left_over : LeftOver or None
        Where nuisance variables are taken out.
    """

    def __init__(
        self, hats: Sequence[Hats], blocks: Sequence[Block], fold: int, left_over: LeftOver | None
    ) -> None:
        self._hats, self._blocks, self._fold, self._left_over = hats, blocks, fold, left_over
        kept = [np.isin(block.rows, hats[0].split.train) for block in blocks]
        self._kept = {g: rows for g, rows in enumerate(kept) if rows.any()}
        self._n_train, self._n_test = len(hats[0].split.train), len(blocks[fold].rows)

    def sums(self, moved: Moved, strengths: Array) -> tuple[Array, Array]:
        """Sum over the test rows, for every shift.

        Parameters
        ----------
        moved : Moved
            The targets.
        strengths : ndarray, shape (n_designs, n_targets)
            Regularisation.

        Returns
        -------
        ndarray, shape (4, n_targets, n_shifts)
            Fields n, y, yy and base of `Moments`.
        ndarray, shape (n_designs, 3, n_targets, n_shifts)
            Fields d, dd and yd.
        """
        rows = moved.parts[self._fold]
        if self._left_over is not None:
            rows = self._leave(self._left_over, moved)
        y, yy, base = self._of_responses(moved, rows)
        responses = [np.full(moved.shape, float(self._n_test)), *map(moved.on.get, (y, yy, base))]
        pairs = zip(self._hats, strengths, strict=True)
        found = [self._of_design(one, own, moved, rows, y) for one, own in pairs]
        return np.stack(responses), np.stack(found)

    def _leave(self, left_over: LeftOver, moved: Moved) -> Tensor:
        """Take out of the test rows what is known, shape (n_targets, n_shifts, n_test)."""
        fits = [moved.on.put(fit) for fit in left_over.fits]
        weights = moved.add_up((g, moved.parts[g] @ fits[g]) for g in self._kept)
        explained = weights @ moved.on.put(left_over.test)
        return moved.add_up([(self._fold, moved.parts[self._fold])]).sub_(explained)

    def _draw(self, moved: Moved, values: Tensor) -> Tensor:
        """Give each draw its values of the test rows; what is left over has them already."""
        return values if self._left_over is not None else moved.add_up([(self._fold, values)])

    def _of_responses(self, moved: Moved, rows: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """Fields y, yy and base of `Moments`, each of shape (n_targets, n_shifts)."""
        y, yy = (self._draw(moved, moved.sum(values)) for values in (rows, rows * rows))
        if self._left_over is not None:
            return y, yy, moved.on.zeros(*moved.shape)
        trained = (
            (g, moved.sum(moved.parts[g][..., moved.on.mask(kept)]))
            for g, kept in self._kept.items()
        )
        return y, yy, moved.add_up(trained).div_(self._n_train)

    def _of_design(
        self, hats: Hats, strengths: Array, moved: Moved, rows: Tensor, y: Tensor
    ) -> Array:
        """Fields d, dd and yd of `Moments`, shape (3, n_targets, n_shifts)."""
        on, found = moved.on, moved.on.zeros(3, *moved.shape)
        # A design has its own axes, or predicts the rows themselves, or nothing that varies.
        held = rows @ on.put(hats.axes) if hats.axes.shape[1] else rows[..., : hats.width]
        matrices = _Matrices(hats, self._blocks, on)
        for strength in np.unique(strengths):
            alike = on.index(np.flatnonzero(strengths == strength))
            own = matrices(float(strength))
            predicted = moved.add_up((g, moved.parts[g][alike] @ own[g]) for g in self._kept)
            varying, total = predicted[..., :-1], predicted[..., -1].double()
            there = self._draw(moved, held[alike])
            found[0, alike] = total
            found[1, alike] = moved.sum(varying * varying) + total**2 / self._n_test
            found[2, alike] = moved.sum(there.mul_(varying)) + y[alike] * total / self._n_test
        return on.get(found)


class _Matrices:
    """The matrices of `Hats`, made on a device each time, of which a batch asks for one once."""

    def __init__(self, hats: Hats, blocks: Sequence[Block], on: Backend) -> None:
        self._power, self._on = hats.power, on
        self._train, self._columns = on.put(hats.train), on.put(hats.columns)
        self._trained = on.index(hats.split.train)
        self._rows = [on.index(block.rows) for block in blocks]

    def __call__(self, strength: float) -> list[Tensor]:
        """One per block, (n_rows, width + 1), zero where a row is not trained on."""
        weighed = self._columns * self._on.put(1 / (self._power + strength))[:, None]
        whole = weighed.new_zeros(sum(map(len, self._rows)), weighed.shape[1])
        whole[self._trained] = self._train @ weighed
        return [whole[rows] for rows in self._rows]
