"""One command in a process of its own, forked after all imports: limits, and how it ended."""

import os
import resource
import signal
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path

GIB = 2**30
# Above what the imports have taken.
MEMORY = 4 * GIB
UNFIT = 77
SETTINGS = {
    "CONCORD_JOBS": "1",
    "CONCORD_DEVICE": "cpu",
    "CONCORD_SCRATCH": "scratch",
    "CONCORD_DATA_MIRROR": "mirror",
}


@dataclass(frozen=True)
class Command:
    """A command of a stage, as dvc.yaml has it, with paths relative to the folder it runs in."""

    stage: str
    words: tuple[str, ...]

    @property
    def module(self) -> str:
        """The module that has it."""
        return f"stages.{self.stage}.__main__"


@dataclass(frozen=True)
class Ended:
    """How a command ended.

    Attributes
    ----------
    code : int or None
        Its exit code; negative, the signal that ended it; None if it was over its time.
    said : str
        What it wrote on stderr.
    seconds : float
    """

    code: int | None
    said: str
    seconds: float

    @property
    def last(self) -> str:
        """The last line that it said."""
        lines = self.said.strip().splitlines()
        return lines[-1] if lines else ""


def run(
    command: Command,
    folder: Path,
    before: Callable[[], None] | None = None,
    *,
    seconds: float = 60.0,
    kill: tuple[float, int, bool] | None = None,
    limits: Mapping[int, int] | None = None,
) -> Ended:
    """Run a command in a folder.

    Parameters
    ----------
    command : Command
    folder : Path
    before : callable, optional
        What is done first, in the same process; `UnfitError` ends it with the code `UNFIT`.
    seconds : float
        After which it is a hang, and killed.
    kill : tuple, optional
        After how many seconds it is killed, by which signal, and whether its whole group is.
    limits : mapping of int to int, optional
        Of the process, by resource.
    """
    start = time.monotonic()
    told, tell = os.pipe()
    child = os.fork()
    if child == 0:
        _in_child(command, folder, tell, before, limits or {})
    os.close(tell)
    os.set_blocking(told, False)
    said = bytearray()
    code = _wait(child, start, seconds, kill, lambda: _hear(told, said))
    os.close(told)
    return Ended(code, said.decode(errors="replace"), time.monotonic() - start)


def _hear(told: int, said: bytearray) -> None:
    """Take what was said since; a file of it would be held to the limits of the command."""
    try:
        while part := os.read(told, 2**16):
            said += part
    except BlockingIOError:
        pass


def _wait(
    child: int,
    start: float,
    seconds: float,
    kill: tuple[float, int, bool] | None,
    hear: Callable[[], None],
) -> int | None:
    """Wait for a process; what is left of its group is ended with it."""
    hung = False
    while True:
        done, status = os.waitpid(child, os.WNOHANG)
        hear()
        if done:
            break
        past = time.monotonic() - start
        if kill is not None and past >= kill[0]:
            _signal(child, kill[1], group=kill[2])
            kill = None
        if past > seconds:
            hung = True
            _signal(child, signal.SIGKILL, group=True)
        time.sleep(0.004)
    _signal(child, signal.SIGKILL, group=True)
    return None if hung else os.waitstatus_to_exitcode(status)


def _signal(child: int, number: int, *, group: bool) -> None:
    try:
        if group:
            os.killpg(child, number)
        else:
            os.kill(child, number)
    except ProcessLookupError:
        pass


class UnfitError(Exception):
    """A fault that this file cannot have."""


def _in_child(
    command: Command,
    folder: Path,
    tell: int,
    before: Callable[[], None] | None,
    limits: Mapping[int, int],
) -> None:
    """Run and end; never returns."""
    code = 70
    try:
        os.setsid()
        os.chdir(folder)
        nothing = os.open(os.devnull, os.O_RDWR)
        os.dup2(nothing, 0)
        os.dup2(nothing, 1)
        os.dup2(tell, 2)
        os.environ.update(SETTINGS)
        if before is not None:
            before()
        _limit(limits)
        code = _call(command.module, command.words)
    except UnfitError:
        code = UNFIT
    except BaseException:
        import traceback

        traceback.print_exc()
    finally:
        sys.stderr.flush()
        os._exit(code)


def _call(module: str, words: Sequence[str]) -> int:
    try:
        import_module(module).main(args=list(words), prog_name=module)
    except SystemExit as end:
        return end.code if isinstance(end.code, int) else int(end.code is not None)
    return 0


def _limit(limits: Mapping[int, int]) -> None:
    pages = int(Path("/proc/self/statm").read_text().split()[0])
    whole = {resource.RLIMIT_AS: pages * resource.getpagesize() + MEMORY, resource.RLIMIT_CORE: 0}
    for kind, most in (whole | dict(limits)).items():
        resource.setrlimit(kind, (most, most))
