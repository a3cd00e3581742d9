"""Responses of many targets in every order of each block, on a device of PyTorch."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from stages.core.regression.block_orders import Block
from stages.core.stats.backend import Backend

Tensor = Any  # PyTorch is imported where a device is asked for, and not here


@dataclass(frozen=True)
class Moved:
    """A batch of targets on a device.

    Attributes
    ----------
    parts : list of tensor, each of shape (n_targets, n_orders, n_rows)
        Responses of each block in each of its orders.
    drawn : list of tensor, each of shape (n_shifts,)
        The order of each block that each draw takes.
    on : Backend
    """

    parts: list[Tensor]
    drawn: list[Tensor]
    on: Backend

    @property
    def shape(self) -> tuple[int, int]:
        """Numbers of targets and of shifts."""
        return len(self.parts[0]), len(self.drawn[0])

    def add_up(self, tables: Iterable[tuple[int, Tensor]]) -> Tensor:
        """Add up what each draw takes of tables, each with the number of its block.

        Of tables of shape (n_targets, n_orders, ...), which makes (n_targets, n_shifts, ...).
        """
        found = None
        for g, table in tables:
            taken = self.on.xp.index_select(table, 1, self.drawn[g])
            found = taken if found is None else found.add_(taken)
        return found

    def sum(self, values: Tensor) -> Tensor:
        """Sum over the last axis, in double precision."""
        return values.sum(dim=-1, dtype=self.on.xp.float64)


def move(targets: NDArray[np.floating], blocks: Sequence[Block], on: Backend) -> Moved:
    """Bring targets to a device, shape (n_samples, n_targets), and put them into all orders."""
    series = on.put(np.ascontiguousarray(targets.T))
    parts = [series[:, on.index(block.orders)] for block in blocks]
    return Moved(parts, [on.index(block.drawn) for block in blocks], on)
