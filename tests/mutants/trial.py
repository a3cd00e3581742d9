"""A copy of the project in which tests meet a mistake."""

import gc
import importlib
import os
import resource
import shutil
import signal
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from math import ceil
from pathlib import Path

import pytest

from tests.mutants.sites import Mutant

# Imported once: each trial is a fork of this process.
COMMON = ("numpy", "pandas", "scipy.stats", "sklearn.linear_model", "torch", "h5py", "click")
COMMON += ("transformers", "timm", "nilearn.glm.first_level", "xdist.remote", "hydra", "tomllib")
OPTIONS = ("-x", "-q", "-p", "no:cacheprovider", "-m", "not slow and not benchmark")
# What is imported already has no tests in it.
OPTIONS += ("-W", "ignore::pytest.PytestAssertRewriteWarning")
PASSED = 0
# Pytest did not get as far as to try a test, which is no test's merit.
ERRORS = {int(pytest.ExitCode.INTERNAL_ERROR), int(pytest.ExitCode.USAGE_ERROR)}
ENDED = {-signal.SIGKILL, -signal.SIGXCPU}
# Quick tests are given so many seconds of the processor, others so many times what they take.
LEAST, TIMES = 20.0, 4.0
# What waits for ever ends after so many times its seconds.
PATIENCE = 10


@dataclass
class Bench:
    """A copy of the project, and how long its tests take without mistakes.

    Attributes
    ----------
    root : Path
        The copy.
    longest : float
        Seconds of the processor after which no further test of a file is begun.
    takes : dict
        Seconds that each test file took; None where it fails, or one test takes far longer.
    """

    root: Path
    longest: float
    takes: dict[str, float | None] = field(default_factory=dict)

    def seconds(self, test: str) -> float | None:
        """Seconds that a test file takes without mistakes; None if it fails or hardly begins."""
        if test not in self.takes:
            code, took = run(self.root, test, TIMES * self.longest, self.longest)
            self.takes[test] = took if code == PASSED else None
        return self.takes[test]

    def verdict(self, mutant: Mutant, tests: list[str], most: float) -> str:
        """What became of a mistake: killed, survived, timed out, or that nothing could be told.

        That is so where no test is quick enough, and where pytest itself failed.

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
                code, _ = run(self.root, test, max(LEAST, TIMES * took), self.longest)
            if code is None:
                return "timed out"
            if code in ERRORS:
                return "pytest failed"
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
    """Copy what tests read into a new folder; what stages made or others gave is linked."""
    folder.mkdir()
    for entry in project.iterdir():
        if entry.name in {"stages", "tests"}:
            ignore = shutil.ignore_patterns("__pycache__")
            shutil.copytree(entry, folder / entry.name, ignore=ignore)
        elif entry.name not in {".git", ".venv"}:
            (folder / entry.name).symlink_to(entry)
    return folder


def prepare() -> None:
    """Import what most tests import, so that a fork has it and no collector looks through it."""
    for name in COMMON:
        importlib.import_module(name)
    gc.freeze()


@dataclass(frozen=True)
class Enough:
    """Begins no test after so many seconds of the processor: what is not begun fails nowhere."""

    seconds: float

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtest_protocol(self) -> bool | None:
        """Say that a test is done with, where there is no time for it."""
        return True if time.process_time() > self.seconds else None


def run(root: Path, test: str, limit: float, longest: float) -> tuple[int | None, float]:
    """Exit code of pytest on one file of a copy, None if it took too long, and seconds it took.

    Seconds are those of the processor, so that a busy machine changes no verdict: after `longest`
    no further test is begun, and at `limit` it is ended.
    """
    child = os.fork()
    if child == 0:
        _tested(root, test, limit, longest)
    end = time.monotonic() + PATIENCE * limit
    done, status, used = os.wait4(child, os.WNOHANG)
    while not done and time.monotonic() < end:
        time.sleep(0.02)
        done, status, used = os.wait4(child, os.WNOHANG)
    if not done:
        os.killpg(child, signal.SIGKILL)
        _, status, used = os.wait4(child, 0)
    code = os.waitstatus_to_exitcode(status)
    return (None if code in ENDED else code), used.ru_utime + used.ru_stime


def _tested(root: Path, test: str, limit: float, longest: float) -> None:
    """Run pytest in a process that then ends."""
    code = 3
    try:
        os.setsid()
        whole = ceil(limit)
        resource.setrlimit(resource.RLIMIT_CPU, (whole, whole))
        silent = os.open(os.devnull, os.O_WRONLY)
        os.dup2(silent, 1)
        os.dup2(silent, 2)
        os.chdir(root)
        sys.dont_write_bytecode = True
        os.environ["PYTHONDONTWRITEBYTECODE"] = "1"
        for name in [name for name in sys.modules if name.split(".")[0] in {"stages", "tests"}]:
            del sys.modules[name]
        sys.path.insert(0, str(root))
        # Of its own, since whoever tidies the common one would seem to be a test that fails.
        options = [*OPTIONS, f"--basetemp={root.with_name('made')}", test]
        code = int(pytest.main(options, plugins=[Enough(longest)]))
    finally:
        os._exit(code)
