import pickle
import threading

import pytest
import torch

from stages.core.run.errors import InputError
from stages.core.stats.backend import make_backend
from stages.core.stats.devices import Devices, choose_backends

PLACES = ("cpu", "meta")


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


def test_a_device_without_double_precision_is_left_to_numpy(monkeypatch):
    monkeypatch.setenv("CONCORD_DEVICE", "mps")
    assert [one.device for one in choose_backends()] == [None]


def test_no_two_threads_have_a_device_at_once():
    """As many as there are devices are served, and one more waits until one is given back."""
    devices = pickle.loads(pickle.dumps(Devices([make_backend(n, "float32", 9) for n in PLACES])))
    taken, done = [], threading.Event()

    def wait():
        with devices.one() as third:
            taken.append(third.device)
        done.set()

    with devices.one() as second, devices.one() as first:
        assert {first.device, second.device} == set(PLACES)
        waiting = threading.Thread(target=wait)
        waiting.start()
        assert not done.wait(0.05)
    assert done.wait(10)
    waiting.join()
    assert taken[0] in PLACES


def test_a_device_is_given_back_when_its_work_fails():
    devices = Devices([make_backend("meta", "float32", 9)])
    for _ in range(2):
        with pytest.raises(ZeroDivisionError), devices.one():
            raise ZeroDivisionError
