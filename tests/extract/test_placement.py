import pytest
import torch

from stages.core.names.models import parse_model
from stages.core.nets.load import open_model
from stages.core.run.errors import ConcordError
from stages.extract import placement
from stages.extract.placement import placed

DEVICES = [torch.device("cuda:0"), torch.device("cuda:1")]


@pytest.fixture
def model(tiny):
    return open_model(parse_model(f"file:{tiny('gpt2')}", {}))


def room(monkeypatch, *sizes):
    free = dict(zip(DEVICES, sizes, strict=True))
    monkeypatch.setattr(placement, "free_memory", free.__getitem__)


def test_one_on_every_device_where_it_fits(model, monkeypatch):
    room(monkeypatch, 4800, 5000)
    assert [(one.device, one.spread) for one in placed(model, 1000, DEVICES)] == [
        (device, False) for device in DEVICES
    ]


def test_spread_over_all_where_one_is_too_small(model, monkeypatch):
    room(monkeypatch, 4799, 5000)
    monkeypatch.setattr(placement, "find_spec", lambda name: object())
    (one,) = placed(model, 1000, DEVICES)
    assert (one.device, one.spread) == (DEVICES[0], True)


def test_spreading_needs_accelerate(model, monkeypatch):
    room(monkeypatch, 0, 0)
    monkeypatch.setattr(placement, "find_spec", lambda name: None)
    with pytest.raises(ConcordError, match=r"larger than a device.*Install accelerate"):
        placed(model, 1000, DEVICES)


def test_the_system_s_memory_has_no_bound(model):
    (one,) = placed(model, 10**15, [torch.device("cpu")])
    assert not one.spread
