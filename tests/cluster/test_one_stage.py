"""What is left of a stage when the signal that ends it comes."""

import signal
import subprocess
import sys

import pytest

from stages.cluster import one_stage
from tests.conftest import PROJECT

# Stands for DVC: waits for a command, and writes a file in place once it has ended.
STAND_IN = """
import subprocess, sys, time
from stages.cluster import one_stage

def dvc(words):
    command = subprocess.Popen(["sleep", "60"])
    print("begun", flush=True)
    command.wait()
    with open(sys.argv[1], "w") as file:
        file.write("{")
        file.flush()
        time.sleep(float(sys.argv[2]))
        file.write("}")
    return 1

one_stage.GRACE = 2.0
one_stage.dvc = dvc
one_stage.main()
"""


@pytest.mark.parametrize(("seconds", "left", "code"), [(0.2, "{}", 1), (60, "{", -signal.SIGKILL)])
def test_what_is_being_written_is_written_within_a_while(tmp_path, seconds, left, code):
    file = tmp_path / "list"
    process = subprocess.Popen(
        [sys.executable, "-c", STAND_IN, str(file), str(seconds)],
        cwd=PROJECT,
        stdout=subprocess.PIPE,
        start_new_session=True,
        text=True,
    )
    with process:
        process.stdout.readline()
        subprocess.run(["kill", "-TERM", "--", f"-{process.pid}"], check=True)
    assert file.read_text() == left
    assert process.returncode == code


def test_dvc_is_asked_for_one_stage(monkeypatch):
    asked = []
    monkeypatch.setattr(one_stage, "dvc", lambda words: asked.append(words) or 255)
    monkeypatch.setattr(sys, "argv", ["one_stage", "align@minilm"])
    before = signal.getsignal(signal.SIGTERM)
    try:
        with pytest.raises(SystemExit) as end:
            one_stage.main()
    finally:
        signal.signal(signal.SIGTERM, before)
    assert asked == [["--wait-for-lock", "repro", "--single-item", "align@minilm"]]
    assert end.value.code == 255
