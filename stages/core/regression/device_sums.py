"""Sums of every shift of many targets on devices of PyTorch, a batch at a time."""

from collections.abc import Iterator, Sequence

import numpy as np
from numpy.typing import NDArray

from stages.core.regression.block_orders import Block
from stages.core.regression.device_moved import move
from stages.core.regression.device_tables import DeviceTables
from stages.core.regression.factors import Factors
from stages.core.regression.hats import Hats
from stages.core.regression.left_over import LeftOver
from stages.core.stats.backend import Backend
from stages.core.stats.devices import Devices
from stages.core.stats.scores import Moments

Array = NDArray[np.float64]
MOST = 256  # targets of a batch; more gain little, and their sums lie on the host
SINGLE, INDEX = 4, 8  # bytes of a number, and of a place
# Numbers per draw and test row at the peak: what is left of the responses, these on axes, those of
# one regularisation, predictions, products of two of them, and the last in double precision.
AT_ONCE = 7
SUMS = 32  # numbers per draw: every sum over the test rows, in double precision
MATRICES = 5  # of all samples, or as large: what a regularisation is made of, whole and by block


class DeviceSums:
    """What `ShiftNull` sums, on devices.

    Threads take the devices in turns: while one is at work for a thread, the others judge what they
    have got.

    Parameters
    ----------
    blocks : sequence of Block
    backends : sequence of Backend
        Devices of PyTorch, one at least, of the same memory.

    Raises
    ------
    InputError
        If the memory is too small for one target.
    """

    def __init__(self, blocks: Sequence[Block], backends: Sequence[Backend]) -> None:
        self._blocks, self._devices = blocks, Devices(backends)
        each, fixed = needs(blocks)
        self._batch = min(MOST, backends[0].chunk(each, "the null of one target", fixed))

    def sums(
        self,
        designs: Sequence[Sequence[Factors]],
        lambdas: Sequence[Array],
        targets: Array,
        left_over: Sequence[LeftOver | None],
    ) -> Iterator[tuple[slice, list[Moments]]]:
        """Sum for every shift, as `ShiftNull.sums` does, by which parameters and yields are told.

        `left_over` has one for each fold where nuisance variables are taken out.
        """
        tables = []
        for fold, (own, left) in enumerate(zip(zip(*designs, strict=True), left_over, strict=True)):
            hats = [Hats(one, self._blocks, fold) for one in own]
            tables.append(DeviceTables(hats, self._blocks, fold, left))
        for start in range(0, targets.shape[1], self._batch):
            columns = slice(start, min(start + self._batch, targets.shape[1]))
            with self._devices.one() as on:
                moved = move(targets[:, columns], self._blocks, on)
                found = [
                    table.sums(moved, np.stack([own[fold, columns] for own in lambdas]))
                    for fold, table in enumerate(tables)
                ]
                del moved
            n, y, yy, base = np.stack([responses for responses, _ in found], axis=1)
            predictions = np.stack([predicted for _, predicted in found], axis=2)
            yield columns, [Moments(n, y, yy, d, dd, yd, base) for d, dd, yd in predictions]


def needs(blocks: Sequence[Block]) -> tuple[int, int]:
    """Count the bytes that one target takes on a device, and those that a batch takes besides.

    For as many units and nuisance variables as there can be; few take less. Not counted is what
    PyTorch takes for itself.
    """
    n_samples, longest = sum(lengths := [len(block.rows) for block in blocks]), max(lengths)
    n_shifts, in_orders = len(blocks[0].drawn), sum(block.orders.size for block in blocks)
    per_draw = n_shifts * (longest + 1)
    each = in_orders + AT_ONCE * per_draw + SUMS * n_shifts + n_samples
    fixed = n_samples**2 + MATRICES * n_samples * (longest + 1)
    return SINGLE * each, SINGLE * fixed + INDEX * (in_orders + len(blocks) * n_shifts)
