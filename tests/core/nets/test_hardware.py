import threading

import pytest
import torch

from stages.core.nets.hardware import BATCH_IMAGES, BATCH_TOKENS, read_hardware, side_by_side
from stages.core.run.errors import InputError


def test_several_devices(monkeypatch):
    monkeypatch.setenv("CONCORD_DEVICE", "cpu, cpu")
    assert read_hardware().devices == [torch.device("cpu")] * 2


@pytest.mark.parametrize("given", ["gpu9", "cpu,gpu9", "cpu,"])
def test_device_unknown(monkeypatch, given):
    monkeypatch.setenv("CONCORD_DEVICE", given)
    with pytest.raises(InputError, match="no such device in CONCORD_DEVICE"):
        read_hardware()


@pytest.mark.skipif(torch.cuda.is_available(), reason="there is a CUDA device")
def test_device_absent(monkeypatch):
    monkeypatch.setenv("CONCORD_DEVICE", "cuda:0")
    with pytest.raises(InputError, match="no such device in CONCORD_DEVICE: got cuda:0"):
        read_hardware()


def test_every_cuda_device_by_default(monkeypatch):
    monkeypatch.delenv("CONCORD_DEVICE")
    n = torch.cuda.device_count()
    kinds = [device.type for device in read_hardware().devices]
    assert kinds == (["cuda"] * n or ["cpu"])


def test_single_precision_is_not_rounded_on_cuda(monkeypatch):
    monkeypatch.setattr(torch.backends.cudnn, "allow_tf32", True)
    read_hardware()
    assert not torch.backends.cudnn.allow_tf32
    assert torch.get_float32_matmul_precision() == "highest"


def test_batches(monkeypatch):
    hardware = read_hardware()
    assert hardware.batch_tokens == BATCH_TOKENS["cpu"]
    assert hardware.batch_images == BATCH_IMAGES["cpu"]
    monkeypatch.setenv("CONCORD_BATCH_IMAGES", "3")
    assert read_hardware().batch_images == 3


@pytest.mark.parametrize("given", ["many", "0", "-3", "1.5"])
def test_wrong_batches(monkeypatch, given):
    monkeypatch.setenv("CONCORD_BATCH_IMAGES", given)
    with pytest.raises(InputError, match=f"CONCORD_BATCH_IMAGES: expected images .* got {given}"):
        read_hardware()


@pytest.mark.usefixtures("two_threads")
def test_tasks_side_by_side_come_in_order_each_on_one_thread():
    met = threading.Barrier(2, timeout=30)

    def work(task):
        if task < 2:
            met.wait()  # two at once, or never
        return task, torch.get_num_threads()

    assert list(side_by_side(work, range(5))) == [(task, 1) for task in range(5)]
    assert torch.get_num_threads() == 2


@pytest.mark.usefixtures("two_threads")
def test_an_error_of_a_task_is_raised_and_the_threads_come_back():
    with pytest.raises(ZeroDivisionError):
        list(side_by_side(lambda task: 1 // task, [1, 0, 1]))
    assert torch.get_num_threads() == 2
