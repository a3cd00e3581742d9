"""A small repository of DVC brought up to date by a Dask cluster that loses a worker."""

import os
import signal
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor

import pytest
from distributed import LocalCluster

from stages.cluster.dask_workers import DaskWorkers
from stages.cluster.schedule import FAILED
from stages.core.run.errors import ConcordError
from tests.cluster.small_repository import alive, environment, make_repository, until

# The middle one goes on once it is let; `begun` tells who ran it, and how often.
FLOW = """
stages:
  first:
    cmd: echo once >> first.log; cat in > first
    deps: [in]
    outs: [first]
  middle:
    cmd: >-
      echo $$ $OMP_NUM_THREADS >> begun;
      for k in $(seq 600); do test -f go && break; sleep .1; done;
      test -f go && cat first > middle
    deps: [first]
    outs: [middle]
"""


@pytest.fixture
def repository(tmp_path):
    return make_repository(tmp_path, FLOW)


@pytest.fixture
def cluster(tmp_path, monkeypatch):
    for name, text in environment(tmp_path).items():
        monkeypatch.setenv(name, text)
    options = {"dashboard_address": None, "processes": True, "silence_logs": False}
    with LocalCluster(n_workers=2, threads_per_worker=1, **options) as cluster:
        yield cluster


def begun(repository):
    file = repository / "begun"
    return [line.split() for line in file.read_text().splitlines()] if file.exists() else []


def begin(cluster, repository, tmp_path):
    command = [sys.executable, "-m", "stages.cluster", "--dask", cluster.scheduler_address]
    return subprocess.Popen(
        [*command, "--threads", "3"],
        cwd=repository,
        env=environment(tmp_path),
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )


@pytest.mark.slow
def test_what_a_lost_worker_ran_runs_elsewhere_and_a_command_that_ends_takes_its_stages(
    cluster, repository, tmp_path
):
    command = begin(cluster, repository, tmp_path)
    until(lambda: len(begun(repository)) == 1)
    for nanny in cluster.workers.values():
        os.kill(nanny.pid, signal.SIGKILL)
    until(lambda: len(begun(repository)) == 2)
    (lost, _), (again, threads) = begun(repository)
    until(lambda: not alive(int(lost)))
    assert threads == "3"
    command.send_signal(signal.SIGTERM)
    command.communicate(timeout=60)
    assert command.returncode != 0
    until(lambda: not alive(int(again)))
    (repository / "go").touch()
    second = begin(cluster, repository, tmp_path)
    said, _ = second.communicate(timeout=120)
    assert second.returncode == 0, said
    assert (repository / "middle").read_text() == "in\n"
    assert (repository / "first.log").read_text() == "once\n"
    assert len(begun(repository)) == 3
    assert "first: done" not in said
    assert "middle: done" in said


def test_what_a_killed_command_asked_for_ends(tmp_path, monkeypatch):
    """It says nothing: the scheduler sees that its connection is closed, and no more."""
    shell = tmp_path / "shell"
    sleeping = ("sh", "-c", f"echo $$ > {shell}; exec sleep 60", "sh")
    monkeypatch.setattr("stages.cluster.stage_processes.ONE_STAGE", sleeping)
    options = {"dashboard_address": None, "processes": False, "silence_logs": False}
    with (
        LocalCluster(n_workers=1, threads_per_worker=1, **options) as cluster,
        ThreadPoolExecutor() as pool,
    ):
        workers = DaskWorkers(cluster.scheduler_address, {})
        workers.__enter__()
        asked = pool.submit(workers, "stage")
        until(lambda: shell.exists() and shell.read_text())
        process = int(shell.read_text())
        workers._client.close()
        try:
            until(lambda: not alive(process), 10)
        finally:
            if alive(process):
                os.kill(process, signal.SIGKILL)
        assert asked.result().state == FAILED


def test_where_no_scheduler_answers_is_told(monkeypatch):
    monkeypatch.setattr("stages.cluster.dask_workers.PATIENCE", 0.2)
    with pytest.raises(ConcordError, match="no scheduler in tcp://127.0.0.1:9: got"):
        DaskWorkers("tcp://127.0.0.1:9", {})
