"""A copy of the project in which tests meet a mistake."""

import importlib
import os
import shutil
import signal
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from tests.mutants.sites import Mutant

# Imported once: each trial is a fork of this process.
COMMON = ("numpy", "pandas", "scipy.stats", "sklearn.linear_model", "torch", "h5py", "click")
OPTIONS = ("-x", "-q", "-p", "no:cacheprovider", "-m", "not slow and not benchmark")
PASSED = 0
# Quicker tests are given this many seconds, slower ones so many times what they take.
LEAST, TIMES = 20.0, 4.0


@dataclass
class Bench:
    """A copy of the project, and how long its tests take without mistakes.

    Attributes
    ----------
    root : Path
        The copy.
    longest : float
        Seconds beyond which a test file is left out.
    takes : dict
        Seconds that each test file took; None where it is left out.
    """

    root: Path
    longest: float
    takes: dict[str, float | None] = field(default_factory=dict)

    def seconds(self, test: str) -> float | None:
        """Seconds that a test file takes without mistakes; None if it is too long or fails."""
        if test not in self.takes:
            start = time.monotonic()
            passed = run(self.root, test, self.longest) == PASSED
            self.takes[test] = time.monotonic() - start if passed else None
        return self.takes[test]

    def verdict(self, mutant: Mutant, tests: list[str], most: float) -> str:
        """What became of a mistake: killed, survived, timed out, or that no test is quick enough.

        Parameters
        ----------
        mutant : Mutant
            The mistake.
        tests : list of str
            Test files that it meets, in this order.
        most : float
            Seconds of tests, without mistakes, after which no other file is tried.
        """
        total = 0.0
        for test in tests:
            took = self.seconds(test)
            if took is None:
                continue
            with self.mistaken(mutant):
                code = run(self.root, test, max(LEAST, TIMES * took))
            if code is None:
                return "timed out"
            if code != PASSED:
                return "killed"
            total += took
            if total >= most:
                break
        return "survived" if total else "no test"

    @contextmanager
    def mistaken(self, mutant: Mutant) -> Iterator[None]:
        """The copy with a mistake in it."""
        path = self.root / mutant.path
        source = path.read_bytes()
        path.write_bytes(mutant.applied(source))
        try:
            yield
        finally:
            path.write_bytes(source)


def copied(project: Path, folder: Path) -> Path:
    """Copy what tests read; what stages made or others gave is linked."""
    for entry in project.iterdir():
        if entry.name in {"stages", "tests"}:
            ignore = shutil.ignore_patterns("__pycache__")
            shutil.copytree(entry, folder / entry.name, ignore=ignore)
        elif entry.name not in {".git", ".venv"}:
            (folder / entry.name).symlink_to(entry)
    return folder


def prepare() -> None:
    """Import what most tests import, so that a fork has it."""
    for name in COMMON:
        importlib.import_module(name)


def run(root: Path, test: str, limit: float) -> int | None:
    """Exit code of pytest on one file of a copy; None if it took too long."""
    sys.stdout.flush()
    child = os.fork()
    if child == 0:
        _tested(root, test)
    end = time.monotonic() + limit
    while time.monotonic() < end:
        done, status = os.waitpid(child, os.WNOHANG)
        if done:
            return os.waitstatus_to_exitcode(status)
        time.sleep(0.02)
    os.killpg(child, signal.SIGKILL)
    os.waitpid(child, 0)
    return None


def _tested(root: Path, test: str) -> None:
    """Run pytest in a process that then ends."""
    code = 3
    try:
        os.setsid()
        silent = os.open(os.devnull, os.O_WRONLY)
        os.dup2(silent, 1)
        os.dup2(silent, 2)
        os.chdir(root)
        sys.dont_write_bytecode = True
        os.environ["PYTHONDONTWRITEBYTECODE"] = "1"
        for name in [name for name in sys.modules if name.split(".")[0] in {"stages", "tests"}]:
            del sys.modules[name]
        sys.path.insert(0, str(root))
        code = int(pytest.main([*OPTIONS, test]))
    finally:
        os._exit(code)
