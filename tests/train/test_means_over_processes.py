"""What processes average, without any other process."""

from contextlib import nullcontext

import torch

from stages.train import processes as room
from stages.train.processes import Processes


def test_values_become_means_over_processes(monkeypatch):
    """Of three, which hold in all nine times what this one does."""
    monkeypatch.setattr(room, "_together", nullcontext)
    monkeypatch.setattr(room.dist, "all_reduce", lambda flat: flat.mul_(9))
    values = [torch.tensor(2.0), torch.arange(6.0).reshape(2, 3)]
    Processes(0, 3, torch.device("cpu")).average(values)
    assert values[0] == 6
    assert values[1].tolist() == [[0, 3, 6], [9, 12, 15]]


def test_one_process_leaves_values_as_they_are():
    value = torch.arange(3.0)
    Processes(0, 1, torch.device("cpu")).average([value])
    assert value.tolist() == [0, 1, 2]
