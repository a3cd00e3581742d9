"""Which engine runs the stages, and how many at once."""

import pytest
from click.testing import CliRunner

from stages.cluster.__main__ import _of_dask, _of_processes, main
from stages.core.run.errors import InputError
from tests.conftest import PROJECT


def test_the_example_of_its_help_is_one_that_it_takes():
    line = CliRunner().invoke(main, ["--help"]).output.rpartition("Example: ")[2].split()
    assert line[:3] == ["python", "-m", "stages.cluster"]
    taken = main.make_context("cluster", line[3:]).params
    assert all((PROJECT / flow).exists() for flow in taken["flows"])
    assert taken["jobs"] == 4


def test_one_engine_at_a_time():
    result = CliRunner().invoke(main, ["--launch", "srun", "--dask", "tcp://node1:8786"])
    assert result.exit_code == 2
    assert "two engines in --launch and --dask: expected one of them" in result.output


def test_workers_of_dask_have_a_device_each_of_their_own(monkeypatch):
    monkeypatch.setenv("CONCORD_DEVICE", "cuda:0,cuda:1")
    with pytest.raises(InputError, match="several devices in CONCORD_DEVICE with --dask"):
        _of_dask("tcp://node1:8786", 4, None)


@pytest.mark.parametrize(
    ("devices", "asked", "workers"),
    [("cuda:0,cuda:1,cuda:2", None, 3), ("cuda:0,cuda:1", 5, 5), ("cuda:1", 2, 2)],
)
def test_as_many_at_once_as_devices_if_not_told_otherwise(monkeypatch, devices, asked, workers):
    monkeypatch.setenv("CONCORD_DEVICE", devices)
    engine, found = _of_processes([], asked, None)
    assert found == workers
    with engine._device() as lent:
        names = devices.split(",")
        assert lent == ({"CONCORD_DEVICE": names[0]} if len(names) > 1 else {})
