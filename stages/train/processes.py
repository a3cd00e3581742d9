"""The processes that share a training run: those of torchrun, or this one alone.

Each takes an equal part of every batch; gradients, losses and the running statistics of batch
normalisation are averaged at every update, so that all hold the same network and the first one's
files are everybody's.
"""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import numpy as np
import torch
import torch.distributed as dist
from numpy.typing import NDArray

from stages.core.nets.hardware import choose_devices
from stages.core.run.errors import ConcordError, InputError
from stages.train.unfinished import differences

# While the first process measures and saves the others wait; one that has ended is noticed at once.
PATIENCE = timedelta(days=1)


@dataclass(frozen=True)
class Processes:
    """What one process knows of those that train one network.

    Attributes
    ----------
    rank : int
        Which it is; the first, 0, writes all files.
    count : int
    device : torch.device
        Its own.
    """

    rank: int
    count: int
    device: torch.device

    @property
    def first(self) -> bool:
        """Whether this process is the one that measures, and writes files."""
        return self.rank == 0

    @property
    def about(self) -> dict[str, int]:
        """What they add to all that determines a run.

        How many they are decides the statistics of batch normalisation, which are of each part,
        what dropout draws, and the last digits.
        """
        return {"processes": self.count} if self.count > 1 else {}

    def check_batch(self, batch: int, where: str) -> None:
        """Raise `InputError` unless a batch has an equal part for each process."""
        if batch % self.count:
            raise InputError(
                "batch that processes cannot share",
                where=where,
                expected=f"a multiple of the {self.count} processes",
                got=batch,
                do="Give --nproc-per-node a number that divides it.",
            )

    def part(self, rows: NDArray[np.intp]) -> NDArray[np.intp]:
        """Take the part of this process of the rows of a batch."""
        size = len(rows) // self.count
        return rows[self.rank * size : (self.rank + 1) * size]

    def average(self, values: Sequence[torch.Tensor]) -> None:
        """Replace values by their means over processes, in place, alike in all."""
        if self.count == 1:
            return
        flat = torch.cat([value.detach().flatten() for value in values])
        with _together():
            dist.all_reduce(flat)
        means = torch.split(flat / self.count, [value.numel() for value in values])
        for value, mean in zip(values, means, strict=True):
            value.detach().copy_(mean.view_as(value))

    def average_update(self, network: Any, loss: torch.Tensor) -> float:
        """Average what one update leaves: gradients, running statistics, and its loss.

        timm averages the statistics after each epoch (`dist_bn`). They and their moving average are
        linear in what each process has seen, so that it is the same at every update but for
        rounding, and no checkpoint depends on when others are kept.

        Parameters
        ----------
        network : Module
            After the backward pass.
        loss : Tensor
            Mean over the part of this process.

        Returns
        -------
        float
            The loss of the whole batch.
        """
        told = loss.detach().clone()
        gradients = [weight.grad for weight in network.parameters() if weight.grad is not None]
        statistics = [
            values
            for name, values in network.named_buffers()
            if name.endswith(("running_mean", "running_var"))
        ]
        self.average([told, *gradients, *statistics])
        return float(told)

    def agree(self, found: Mapping[str, Any]) -> None:
        """Wait for all, and raise `ConcordError` unless all have found the same."""
        if self.count == 1:
            return
        everybody: list[Any] = [None] * self.count
        with _together():
            dist.all_gather_object(everybody, dict(found))
        for rank, other in enumerate(everybody):
            if other != everybody[0]:
                told = "; ".join(differences(everybody[0], other))
                do = "Let all read the same data, params.yaml and CONCORD_SCRATCH."
                where = f"process {rank}"
                raise ConcordError("process of another run", where=where, got=told, do=do)


def alone() -> Processes:
    """Make the only process of a run, on the first device."""
    return Processes(0, 1, choose_devices()[0])


@contextmanager
def joined_processes() -> Iterator[Processes]:
    """Within the block, be one of the processes that torchrun has started, or else alone.

    Each takes a device of its own; on the processor all run together. One that fails leaves
    without waiting for the others, which torchrun ends.

    Raises
    ------
    InputError
        If there are more processes than devices.
    """
    if not dist.is_torchelastic_launched():
        yield alone()
        return
    device = _own_device(dist.get_node_local_rank())
    with _together():
        dist.init_process_group(
            "cpu:gloo,cuda:nccl" if device.type == "cuda" else "gloo", timeout=PATIENCE
        )
    yield Processes(dist.get_rank(), dist.get_world_size(), device)
    dist.destroy_process_group()


def _own_device(place: int) -> torch.device:
    devices = choose_devices()
    if devices[0].type == "cpu":
        return devices[0]
    if place >= len(devices):
        raise InputError(
            "more processes than devices",
            where="torchrun",
            expected=f"at most {len(devices)} on a machine",
            got=f"process {place + 1}",
            do="Give --nproc-per-node that number, or set CONCORD_DEVICE=cpu.",
        )
    if devices[place].type == "cuda":
        torch.cuda.set_device(devices[place])
    return devices[place]


@contextmanager
def _together() -> Iterator[None]:
    """Say in one line that another process is gone."""
    try:
        yield
    except RuntimeError as error:
        raise ConcordError(
            "another process of the training is gone",
            got=str(error).partition("\n")[0],
            do="Start them again: the run goes on from its last state.",
        ) from error
