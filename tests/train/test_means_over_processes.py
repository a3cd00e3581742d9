"""What processes average, without any other process."""

from contextlib import nullcontext

import numpy as np
import pytest
import torch

from stages.core.run.errors import ConcordError, InputError
from stages.train import processes as room
from stages.train.processes import Processes, alone, joined_processes

CPU = torch.device("cpu")


def test_values_become_means_over_processes(monkeypatch):
    """Of three, which hold in all nine times what this one does."""
    monkeypatch.setattr(room, "_together", nullcontext)
    monkeypatch.setattr(room.dist, "all_reduce", lambda flat: flat.mul_(9))
    values = [torch.tensor(2.0), torch.arange(6.0).reshape(2, 3)]
    Processes(0, 3, CPU).average(values)
    assert values[0] == 6
    assert values[1].tolist() == [[0, 3, 6], [9, 12, 15]]


def test_one_process_leaves_values_as_they_are():
    value = torch.arange(3.0)
    Processes(0, 1, CPU).average([value])
    assert value.tolist() == [0, 1, 2]


def test_parts_of_a_batch_follow_each_other():
    rows = np.array([5, 3, 8, 1, 9, 7])
    parts = [Processes(rank, 3, CPU).part(rows).tolist() for rank in range(3)]
    assert parts == [[5, 3], [8, 1], [9, 7]]


def test_the_first_of_several_writes_and_their_number_is_told():
    assert [Processes(rank, 2, CPU).first for rank in range(2)] == [True, False]
    assert [Processes(0, count, CPU).about for count in (1, 2)] == [{}, {"processes": 2}]


def test_a_batch_is_shared_or_refused():
    Processes(0, 3, CPU).check_batch(6, "here")
    with pytest.raises(InputError, match="here: expected a multiple of the 3 processes, got 8"):
        Processes(0, 3, CPU).check_batch(8, "here")


def test_an_update_averages_gradients_running_statistics_and_its_loss(monkeypatch):
    """Of two, which hold in all six times what this one does; what is frozen has no gradient."""
    monkeypatch.setattr(room, "_together", nullcontext)
    monkeypatch.setattr(room.dist, "all_reduce", lambda flat: flat.mul_(6))
    norm = torch.nn.BatchNorm1d(2)
    norm.weight.grad = torch.tensor([1.0, 2.0])
    norm.running_mean.fill_(5.0)
    norm.num_batches_tracked.fill_(7)
    loss = torch.tensor(4.0)
    assert Processes(0, 2, CPU).average_update(norm, loss) == 12
    assert loss == 4
    assert norm.weight.grad.tolist() == [3, 6]
    assert norm.bias.grad is None
    assert norm.weight.tolist() == [1, 1]
    assert norm.running_mean.tolist() == [15, 15]
    assert norm.running_var.tolist() == [3, 3]
    assert norm.num_batches_tracked == 7


def gathered(monkeypatch, *found):
    """Let processes find this."""

    def fill(everybody, own):
        everybody[:] = found

    monkeypatch.setattr(room.dist, "all_gather_object", fill)
    Processes(0, len(found), CPU).agree(found[0])


def test_processes_that_found_the_same_agree(monkeypatch):
    gathered(monkeypatch, {"lr": 1}, {"lr": 1})
    with pytest.raises(ConcordError, match=r"another run in process 2: got lr was 1, is 2\. Let"):
        gathered(monkeypatch, {"lr": 1}, {"lr": 1}, {"lr": 2})
    with pytest.raises(ConcordError, match=r"another run in process 1: got lr was 1, is 2\. Let"):
        gathered(monkeypatch, {"lr": 1}, {"lr": 2}, {"lr": 2})


def test_who_is_alone_is_the_first_of_one_on_the_first_device_and_asks_nobody(monkeypatch):
    known = [torch.device("meta", at) for at in range(2)]
    monkeypatch.setattr(room, "choose_devices", lambda: known)
    assert alone() == Processes(0, 1, known[0])
    monkeypatch.setattr(room.dist, "all_gather_object", None)
    alone().agree({"lr": 1})


def test_a_process_that_is_gone_is_told_in_a_line(monkeypatch):
    def gone(flat):
        raise RuntimeError("closed by peer\nat 0x1")

    monkeypatch.setattr(room.dist, "all_reduce", gone)
    with pytest.raises(ConcordError, match=r"is gone: got closed by peer\. Start"):
        Processes(0, 2, CPU).average([torch.ones(1)])


@pytest.mark.parametrize(("kind", "place"), [("meta", 0), ("meta", 1), ("cpu", 3)])
def test_processes_are_joined_each_on_its_device_and_left(monkeypatch, kind, place):
    """On the processor all run together."""
    known = [torch.device(kind, at) for at in range(2)] if kind == "meta" else [CPU]
    begun = []
    monkeypatch.setattr(room, "choose_devices", lambda: known)
    monkeypatch.setattr(room.dist, "is_torchelastic_launched", lambda: True)
    monkeypatch.setattr(room.dist, "get_node_local_rank", lambda: place)
    monkeypatch.setattr(room.dist, "get_rank", lambda: 5)
    monkeypatch.setattr(room.dist, "get_world_size", lambda: 6)
    monkeypatch.setattr(
        room.dist, "init_process_group", lambda kind, timeout: begun.append((kind, timeout.days))
    )
    monkeypatch.setattr(room.dist, "destroy_process_group", lambda: begun.append("left"))
    with joined_processes() as processes:
        assert processes == Processes(5, 6, known[place] if kind == "meta" else CPU)
        assert begun == [("gloo", 1)]
    assert begun[1:] == ["left"]


def test_a_process_without_a_device_is_refused(monkeypatch):
    monkeypatch.setattr(room, "choose_devices", lambda: [torch.device("meta")] * 2)
    monkeypatch.setattr(room.dist, "is_torchelastic_launched", lambda: True)
    monkeypatch.setattr(room.dist, "get_node_local_rank", lambda: 2)
    with (
        pytest.raises(InputError, match="at most 2 on a machine, got process 3"),
        joined_processes(),
    ):
        pass
