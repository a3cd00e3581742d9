import pytest
import torch

from stages.core.nets.hardware import BATCH_IMAGES, BATCH_TOKENS, read_hardware
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
