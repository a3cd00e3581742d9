import pickle

import pytest
import torch

from stages.align.workers import choose_backends
from stages.core.run.errors import InputError


def test_numpy_and_one_gib_unless_something_else_is_set(monkeypatch):
    monkeypatch.delenv("CONCORD_DEVICE", raising=False)
    (backend,) = choose_backends()
    assert (backend.device, backend.memory) == (None, 2**30)
    monkeypatch.setenv("CONCORD_DEVICE", "cpu, meta")
    monkeypatch.setenv("CONCORD_MEMORY", "0.5")
    assert [one.device for one in choose_backends()] == [None, "meta"]
    assert choose_backends()[1].memory == 2**29


def test_a_device_that_is_not_here_is_refused(monkeypatch):
    monkeypatch.setenv("CONCORD_DEVICE", "gpu9")
    with pytest.raises(InputError, match="device not here .*gpu9"):
        choose_backends()


def test_backends_travel(monkeypatch):
    monkeypatch.setenv("CONCORD_DEVICE", "cpu,meta")
    for backend in choose_backends("float64"):
        assert pickle.loads(pickle.dumps(backend)) == backend
    assert backend.xp is torch
