"""Stages as processes in this folder, of this machine or of those that a launcher takes them to."""

import json
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from time import monotonic, sleep

from stages.cluster.schedule import DONE, FAILED, Outcome
from stages.core.run.errors import ConcordError

DVC = (sys.executable, "-m", "dvc")
ONE_STAGE = (sys.executable, "-m", "stages.cluster.one_stage")
WAITING = (*DVC, "--wait-for-lock")
# What DVC says where another of its processes uses a file that a stage is about to use.
BUSY = "it is being blocked by"
# Ends a command and all that it began once the other end of its input is closed, as it is when the
# process that asked for it was killed, which could tell nobody.
LEASH = (
    "sh",
    "-c",
    'exec 3<&0; { cat; kill -TERM 0; } <&3 >/dev/null 2>&1 & exec "$@" </dev/null 3<&-',
    "sh",
)
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
    """Runs single stages by `dvc repro`; those still running end when it closes, or is killed.

    DVC gives its lock away while the command of a stage runs, so that several of its processes can
    share a folder: each waits for the lock, before the command and after it.

    Parameters
    ----------
    environment : mapping of str to str
    launcher : sequence of str, optional
        Command and options that run the command behind them elsewhere and wait for it, such as
        `srun`; it must keep the folder and the environment.
    devices : sequence of str, optional
        Devices of PyTorch; each stage is given the one that fewest of the others have.
    folder : Path, optional
        Of the repository.
    """

    def __init__(
        self,
        environment: Mapping[str, str],
        launcher: Sequence[str] = (),
        devices: Sequence[str] = (),
        folder: Path = Path(),
    ) -> None:
        self._environment, self._launcher = dict(environment), tuple(launcher)
        self._users, self._folder = dict.fromkeys(devices, 0), folder
        self._running: set[subprocess.Popen[str]] = set()
        self._lock = threading.Lock()
        self._closed = False

    def __enter__(self) -> "Processes":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """End what is running, and begin nothing more."""
        with self._lock:
            self._closed = True
            for process in self._running:
                with suppress(ProcessLookupError):  # ended meanwhile
                    os.killpg(process.pid, signal.SIGTERM)

    def __call__(self, stage: str) -> Outcome:
        """Run one stage, once nobody uses its files."""
        start = monotonic()
        with self._device() as own:
            while True:
                code, output = self._once(stage, own)
                taken = monotonic() - start
                if code == 0:
                    return Outcome(stage, DONE, output, taken)
                busy = BUSY in output
                if not busy or self._closed or taken > PATIENCE:
                    return Outcome(stage, FAILED, output, taken)
                sleep(PAUSE)

    @contextmanager
    def _device(self) -> Iterator[dict[str, str]]:
        """Lend a device, as the variable that names it; none where there are none."""
        if not self._users:
            yield {}
            return
        with self._lock:
            device = min(self._users, key=lambda name: self._users[name])
            self._users[device] += 1
        try:
            yield {"CONCORD_DEVICE": device}
        finally:
            with self._lock:
                self._users[device] -= 1

    def _once(self, stage: str, own: Mapping[str, str]) -> tuple[int, str]:
        with self._lock:
            if self._closed:
                return 1, ""
            process = subprocess.Popen(  # noqa: S603
                [*LEASH, *self._launcher, *ONE_STAGE, stage],
                cwd=self._folder,
                env={**self._environment, **own},
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                text=True,
                errors="replace",
                start_new_session=True,
            )
            self._running.add(process)
        with process:  # its input stays open until it has said all
            output = process.stdout.read() if process.stdout else ""
            process.wait()
        with self._lock:
            self._running.discard(process)
        return process.returncode, output
