"""Stages as processes in this folder, of this machine or of those that a launcher takes them to."""

import json
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Mapping, Sequence
from contextlib import suppress
from time import monotonic, sleep
from types import TracebackType

from stages.cluster.schedule import DONE, FAILED, Outcome
from stages.core.run.errors import ConcordError

DVC = (sys.executable, "-m", "dvc")
WAITING = (*DVC, "--wait-for-lock")
# What DVC says where another of its processes uses a file that a stage is about to use.
BUSY = "it is being blocked by"
PATIENCE, PAUSE = 600.0, 0.5  # seconds for which files are waited for, and between two attempts


def graph_as_dot() -> str:
    """All stages, as `dvc dag` draws them."""
    return _asked("dag", "--dot")


def changed_stages() -> set[str]:
    """Stages whose own inputs or outputs are not those that DVC recorded."""
    return set(json.loads(_asked("status", "--json")))


def look_over(flows: Sequence[str]) -> None:
    """Let DVC look at all stages of some files in turn, and run what is left.

    Raises
    ------
    ConcordError
        If it fails.
    """
    if subprocess.run([*WAITING, "repro", *flows], check=False).returncode:  # noqa: S603
        raise ConcordError("stages failed", where="dvc repro", do="See what it says above.")


def _asked(*words: str) -> str:
    found = subprocess.run([*WAITING, *words], capture_output=True, text=True, check=False)  # noqa: S603
    if found.returncode:
        last = (found.stderr.strip().splitlines() or ["nothing said"])[-1]
        raise ConcordError(f"dvc {words[0]} failed", where="dvc.yaml", got=last)
    return found.stdout


class Processes:
    """Runs single stages by `dvc repro`; those still running are ended when it closes.

    DVC gives its lock away while the command of a stage runs, so that several of its processes can
    share a folder: each waits for the lock, before the command and after it.

    Parameters
    ----------
    environment : mapping of str to str
    launcher : sequence of str, optional
        Command and options that run the command behind them elsewhere and wait for it, such as
        `srun`; it must keep the folder and the environment.
    """

    def __init__(self, environment: Mapping[str, str], launcher: Sequence[str] = ()) -> None:
        self._environment, self._launcher = dict(environment), tuple(launcher)
        self._running: set[subprocess.Popen[str]] = set()
        self._lock = threading.Lock()
        self._closed = False

    def __enter__(self) -> "Processes":
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        with self._lock:
            self._closed = True
            for process in self._running:
                with suppress(ProcessLookupError):  # ended meanwhile
                    os.killpg(process.pid, signal.SIGTERM)

    def __call__(self, stage: str) -> Outcome:
        """Run one stage, once nobody uses its files."""
        start = monotonic()
        while True:
            code, output = self._once(stage)
            taken = monotonic() - start
            if code == 0:
                return Outcome(stage, DONE, output, taken)
            busy = BUSY in output
            if not busy or self._closed or taken > PATIENCE:
                return Outcome(stage, FAILED, output, taken)
            sleep(PAUSE)

    def _once(self, stage: str) -> tuple[int, str]:
        with self._lock:
            if self._closed:
                return 1, ""
            process = subprocess.Popen(  # noqa: S603
                [*self._launcher, *WAITING, "repro", "--single-item", stage],
                env=self._environment,
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                text=True,
                errors="replace",
                start_new_session=True,
            )
            self._running.add(process)
        output, _ = process.communicate()
        with self._lock:
            self._running.discard(process)
        return process.returncode, output
