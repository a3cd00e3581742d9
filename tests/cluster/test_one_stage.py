"""What a killed stage leaves to the others."""

import json
import os
import signal
import subprocess
import sys

import pytest

from stages.cluster import one_stage
from tests.cluster.small_repository import environment, make_repository, until

FLOW = """
stages:
  slow:
    cmd: echo $$ > shell; sleep 60; cp in out
    deps: [in]
    outs: [out]
"""


@pytest.mark.slow
def test_dvc_killed_after_its_command_is_not_writing_its_list(tmp_path):
    repository = make_repository(tmp_path, FLOW)
    process = subprocess.Popen(
        [sys.executable, "-m", "stages.cluster.one_stage", "slow"],
        cwd=repository,
        env=environment(tmp_path),
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )
    shell, used = repository / "shell", repository / ".dvc/tmp/rwlock"
    with process:
        until(lambda: shell.exists() and shell.read_text())
        before = used.read_text()
        os.kill(int(shell.read_text()), signal.SIGKILL)
        with pytest.raises(subprocess.TimeoutExpired):
            process.wait(one_stage.MOMENT / 2)
        os.killpg(process.pid, signal.SIGKILL)
    assert used.read_text() == before
    assert str(repository / "out") in json.loads(before)["write"]


def test_dvc_is_asked_for_one_stage(monkeypatch):
    asked = []
    monkeypatch.setattr(one_stage, "dvc", lambda words: asked.append(words) or 255)
    monkeypatch.setattr(one_stage.run, "cmd_run", one_stage.run.cmd_run)
    monkeypatch.setattr(sys, "argv", ["one_stage", "align@minilm"])
    with pytest.raises(SystemExit) as end:
        one_stage.main()
    assert asked == [["--wait-for-lock", "repro", "--single-item", "align@minilm"]]
    assert end.value.code == 255
