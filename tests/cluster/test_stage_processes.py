"""A small repository of DVC brought up to date on two workers."""

import signal
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor

import pytest

from stages.cluster.schedule import DONE, FAILED
from stages.cluster.stage_processes import BUSY, Processes
from tests.cluster.small_repository import alive, environment, fan, make_repository, until
from tests.conftest import PROJECT

# The two in the middle wait for each other: one after the other, they would fail.
FLOW = fan("""
touch started-${item.part};
for k in $(seq 600); do ls started-x started-y && break; sleep .1; done;
ls started-x started-y && cat first > middle-${item.part}
""")
pytestmark = pytest.mark.slow


@pytest.fixture
def repository(tmp_path):
    return make_repository(tmp_path, FLOW)


@pytest.fixture
def run(repository, tmp_path):
    def invoke():
        return subprocess.run(
            [sys.executable, "-m", "stages.cluster", "--jobs", "2"],
            cwd=repository,
            env=environment(tmp_path),
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            check=False,
        )

    return invoke


def test_all_is_made_side_by_side_and_a_failure_keeps_back_what_follows(run, repository):
    flow = (repository / "dvc.yaml").read_text()
    broken = flow.replace("cat first > middle", "test ${item.part} != y && cat first > middle")
    (repository / "dvc.yaml").write_text(broken)
    failed = run()
    assert failed.returncode == 1
    last = failed.stdout.strip().splitlines()[-1]
    assert "middle@y (failed), last (blocked)" in last
    assert (repository / "middle-x").exists(), "what does not need it is made"
    (repository / "dvc.yaml").write_text(flow)
    made = run()
    assert made.returncode == 0, made.stdout
    assert (repository / "last").read_text() == "in\nin\n"
    assert (repository / "first.log").read_text() == "once\n"
    assert "first: done" not in made.stdout
    assert "Data and pipelines are up to date." in made.stdout


def test_what_ends_the_command_ends_its_stages(repository, tmp_path):
    flow = (repository / "dvc.yaml").read_text()
    (repository / "dvc.yaml").write_text(flow.replace("touch", "echo $$ > shell; sleep 600; touch"))
    process = subprocess.Popen(
        [sys.executable, "-m", "stages.cluster", "--jobs", "2"],
        cwd=repository,
        env=environment(tmp_path),
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        until(lambda: (repository / "shell").exists() and (repository / "shell").read_text())
        process.send_signal(signal.SIGTERM)
        process.wait(60)
    finally:
        process.kill()
    shell = int((repository / "shell").read_text())
    until(lambda: not alive(shell))
    assert process.returncode != 0


def test_a_launcher_gets_the_command_of_the_stage(tmp_path):
    script = tmp_path / "launcher"
    script.write_text('#!/bin/sh\necho "$@"\necho threads $OMP_NUM_THREADS\n')
    script.chmod(0o755)
    with Processes({"OMP_NUM_THREADS": "3"}, [str(script), "--mem=4G"]) as processes:
        outcome = processes("align@minilm")
    assert outcome.state == DONE
    asked, threads = outcome.output.splitlines()
    assert asked == f"--mem=4G {sys.executable} -m stages.cluster.one_stage align@minilm"
    assert threads == "threads 3"


def test_each_of_several_stages_at_once_has_a_device_of_its_own(tmp_path):
    script = tmp_path / "launcher"
    script.write_text(
        f"#!/bin/sh\necho $CONCORD_DEVICE; touch {tmp_path}/$$;"
        f"while test $(ls {tmp_path} | wc -l) -lt 4; do sleep .1; done\n"
    )
    script.chmod(0o755)
    devices = ("cuda:0", "cuda:1", "cuda:2")
    with Processes({}, [str(script)], devices) as processes, ThreadPoolExecutor() as pool:
        outcomes = list(pool.map(processes, "abc"))
        again = processes("d")
    assert sorted(one.output.strip() for one in outcomes) == list(devices)
    assert again.output.strip() == "cuda:0", "given back, they are lent again"


def test_a_stage_ends_with_the_process_that_asked_for_it(tmp_path):
    script = tmp_path / "launcher"
    script.write_text(f"#!/bin/sh\necho $$ > {tmp_path}/shell; sleep 60\n")
    script.chmod(0o755)
    asks = (
        f"from stages.cluster.stage_processes import Processes; Processes({{}}, ['{script}'])('a')"
    )
    process = subprocess.Popen([sys.executable, "-c", asks, str(script)], cwd=PROJECT)
    file = tmp_path / "shell"
    until(lambda: file.exists() and file.read_text())
    process.kill()
    process.wait()
    until(lambda: not alive(int(file.read_text())))


def test_files_in_use_are_waited_for(monkeypatch):
    said = [(255, f"'x' is busy, {BUSY} ..."), (0, "made")]
    monkeypatch.setattr(Processes, "_once", lambda self, stage, own: said.pop(0))
    monkeypatch.setattr("stages.cluster.stage_processes.PAUSE", 0.0)
    outcome = Processes({})("stage")
    assert (outcome.state, outcome.output) == (DONE, "made")
    said[:] = [(255, "ERROR: failed to reproduce 'stage'")]
    assert Processes({})("stage").state == FAILED


def test_a_stage_that_ends_while_dvc_is_locked_is_recorded(repository, tmp_path, monkeypatch):
    """DVC gives its lock away while a command runs, and may have to wait to have it back."""
    hold = (
        "import sys, time; from dvc.lock import Lock; lock = Lock('.dvc/tmp/lock');"
        "lock.lock(); print('held', flush=True); time.sleep(8); lock.unlock()"
    )
    given = environment(tmp_path)
    monkeypatch.chdir(repository)
    flow = (repository / "dvc.yaml").read_text()
    (repository / "dvc.yaml").write_text(
        flow.replace("echo once", "touch begun; sleep 3; echo once")
    )
    with Processes(given) as processes, ThreadPoolExecutor() as pool:
        made = pool.submit(processes, "first")
        until((repository / "begun").exists)
        subprocess.run([sys.executable, "-c", hold], cwd=repository, env=given, check=True)
        assert made.result().state == DONE
    assert (repository / "first.log").read_text() == "once\n"
    assert "first:" in (repository / "dvc.lock").read_text()


def test_what_ended_meanwhile_does_not_keep_the_others_alive():
    others = [subprocess.Popen(["sleep", "60"], start_new_session=True) for _ in range(2)]
    gone = subprocess.Popen(["true"], start_new_session=True)
    gone.wait()
    processes = Processes({})
    processes._running = {gone, *others}
    with processes:
        pass
    assert [other.wait(20) for other in others] == [-signal.SIGTERM] * 2
