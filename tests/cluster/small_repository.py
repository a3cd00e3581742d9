"""A small repository of DVC, and what tests of killed stages wait for."""

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from time import monotonic, sleep

from tests.conftest import PROJECT


def environment(folder: Path) -> dict[str, str]:
    """The environment of commands in a repository, with a folder of their own for DVC."""
    own = {"DVC_SITE_CACHE_DIR": str(folder / "site"), "DVC_NO_ANALYTICS": "true"}
    return {**os.environ, "PYTHONPATH": str(PROJECT), **own}


def make_repository(tmp_path: Path, flow: str) -> Path:
    """Make one of some stages, and the file `in`."""
    folder = tmp_path / "repository"
    folder.mkdir()
    (folder / "dvc.yaml").write_text(flow)
    (folder / "in").write_text("in\n")
    for command in (["git", "init", "--quiet"], [sys.executable, "-m", "dvc", "init", "--quiet"]):
        subprocess.run(command, cwd=folder, env=environment(tmp_path), check=True)
    return folder


def until(condition: Callable[[], object], patience: float = 60.0) -> None:
    """Wait for something."""
    end = monotonic() + patience
    while not condition():
        assert monotonic() < end, "waited in vain"
        sleep(0.1)


def alive(pid: int) -> bool:
    """Whether there is such a process."""
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


def fan(middle: str) -> str:
    """Write a flow: a first stage, two in the middle by a command of several lines, and a last.

    `${item.part}` in the command is x or y; it makes `middle-${item.part}` of `first`.
    """
    command = "\n".join(f"      {line}" for line in middle.strip().splitlines())
    return f"""
stages:
  first:
    cmd: echo once >> first.log; cat in > first
    deps: [in]
    outs: [first]
  middle:
    matrix:
      part: [x, y]
    cmd: >-
{command}
    deps: [first]
    outs: ["middle-${{item.part}}"]
  last:
    cmd: cat middle-x middle-y > last
    deps: [middle-x, middle-y]
    outs: [last]
"""
