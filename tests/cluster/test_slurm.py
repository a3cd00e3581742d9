"""A small repository of DVC brought up to date by jobs of a real Slurm that are killed."""

import re
import signal
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest

from tests.cluster.slurm_node import SlurmNode, slurm_lacks
from tests.cluster.small_repository import alive, environment, fan, make_repository, until

# The two in the middle go on once they are let; `begun-*` tells who ran them, and how often.
FLOW = fan("""
echo $$ $SLURM_JOB_ID >> begun-${item.part};
for k in $(seq 600); do test -f go-${item.part} && break; sleep .1; done;
test -f go-${item.part} && cat first > middle-${item.part}
""")
LAUNCH = "srun --ntasks=1 --cpus-per-task=1 --quiet"
pytestmark = [
    pytest.mark.slurm,
    pytest.mark.skipif(bool(slurm_lacks()), reason=slurm_lacks() or "all is here"),
]


@pytest.fixture(scope="module")
def slurm():
    with tempfile.TemporaryDirectory(prefix="slurm", dir="/tmp") as folder:
        node = SlurmNode(Path(folder))
        try:
            node.start()
            yield node
        finally:
            node.stop()


@pytest.fixture
def repository(tmp_path):
    return make_repository(tmp_path, FLOW)


@pytest.fixture
def begin(slurm, repository, tmp_path):
    started = []

    def invoke():
        process = subprocess.Popen(
            [sys.executable, "-m", "stages.cluster", "--jobs", "2", "--launch", LAUNCH],
            cwd=repository,
            env={**environment(tmp_path), **slurm.environment},
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        started.append(process)
        return process

    yield invoke
    for process in started:
        process.kill()
        process.stdout.close()
        process.wait()
    until(lambda: not slurm.jobs())


def begun(repository, part):
    file = repository / f"begun-{part}"
    return [line.split() for line in file.read_text().splitlines()] if file.exists() else []


def both_begun(repository, times):
    until(lambda: all(len(begun(repository, part)) == times for part in "xy"))
    return {part: begun(repository, part)[-1] for part in "xy"}


def end_well(process, repository):
    said, _ = process.communicate(timeout=120)
    assert process.returncode == 0, said
    assert (repository / "last").read_text() == "in\nin\n"
    assert (repository / "first.log").read_text() == "once\n"
    return said


def test_a_job_that_is_cancelled_costs_one_stage(slurm, repository, begin):
    command = begin()
    both = both_begun(repository, 1)
    assert both["x"][1] != both["y"][1], "each is a job of its own"
    slurm.asked("scancel", both["x"][1])
    (repository / "go-y").touch()
    said, _ = command.communicate(timeout=120)
    assert command.returncode == 1
    assert "middle@x (failed), last (blocked)" in said.strip().splitlines()[-1], said
    until(lambda: not alive(int(both["x"][0])), 20)
    (repository / "go-x").touch()
    said = end_well(begin(), repository)
    assert "middle@y: done" not in said
    assert [len(begun(repository, part)) for part in "xy"] == [2, 1]


@pytest.mark.parametrize("how", [signal.SIGTERM, signal.SIGKILL])
def test_a_command_that_is_killed_takes_its_jobs(slurm, repository, begin, how):
    command = begin()
    both = both_begun(repository, 1)
    command.send_signal(how)
    command.wait(60)
    until(lambda: not slurm.jobs())
    until(lambda: not any(alive(int(shell)) for shell, _ in both.values()))
    for part in "xy":
        (repository / f"go-{part}").touch()
    end_well(begin(), repository)


def test_a_machine_that_is_lost_costs_what_it_ran(slurm, repository, begin):
    """Its jobs are killed with the program that looks after them."""
    command = begin()
    both = both_begun(repository, 1)
    slurm.kill("slurmd")
    for shell, _ in both.values():
        subprocess.run(["kill", "-9", shell], check=True)
    said, _ = command.communicate(timeout=120)
    assert command.returncode == 1
    assert "last (blocked)" in said.strip().splitlines()[-1]
    slurm.start_node()
    for part in "xy":
        (repository / f"go-{part}").touch()
    end_well(begin(), repository)


def test_a_job_costs_less_than_five_seconds(repository, begin):
    for part in "xy":
        (repository / f"go-{part}").touch()
    said = end_well(begin(), repository)
    seconds = [int(found) for found in re.findall(r": done, (\d+) s", said)]
    assert len(seconds) == 4
    assert max(seconds) < 5
