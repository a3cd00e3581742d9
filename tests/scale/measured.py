"""What a piece of work costs: processor time and memory, its child processes' included."""

import multiprocessing
import os
import resource
import subprocess
import sys
from collections.abc import Callable, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.conftest import PROJECT

KB, GB = 1024, 1e9
SELVES = (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)


@dataclass(frozen=True)
class Cost:
    """What something took.

    Attributes
    ----------
    cpu : float
        Seconds, of user and system: what else the machine does is not in it.
    peak : float
        GB of resident memory of the largest process.
    """

    cpu: float
    peak: float


@dataclass(frozen=True)
class Line:
    """One line of the table.

    Attributes
    ----------
    case, size : str
    cost : Cost
    note : str
        What follows for the whole, where a part was run.
    """

    case: str
    size: str
    cost: Cost
    note: str = ""

    def __str__(self) -> str:
        cells = (self.case, self.size, in_words(self.cost.cpu), f"{self.cost.peak:.2f} GB")
        return f"| {' | '.join((*cells, self.note))} |"


def in_words(seconds: float) -> str:
    """Say how long something takes, in the unit that suits it."""
    for unit, name in ((3600, "h"), (60, "min")):
        if seconds >= 2 * unit:
            return f"{seconds / unit:.1f} {name}"
    return f"{seconds:.0f} s" if seconds >= 10 else f"{seconds:.1f} s"


def cost_of(work: Callable[..., Any], *given: Any) -> Cost:
    """Do something in a process of its own.

    Parameters
    ----------
    work : callable
        Of a module, so that it can be sent.
    *given
        What it is called with.
    """
    with ProcessPoolExecutor(1, mp_context=multiprocessing.get_context("spawn")) as pool:
        return pool.submit(_measured, work, given).result()


def _measured(work: Callable[..., Any], given: Sequence[Any]) -> Cost:
    before = _seconds()
    work(*given)
    children = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss
    return Cost(_seconds() - before, max(_own_peak(), children) * KB / GB)


def _own_peak() -> int:
    """KB of this process; what the system counts of it has its parent's in it."""
    status = Path("/proc/self/status").read_text()
    return int(status.partition("VmHWM:")[2].split()[0])


def _seconds() -> float:
    used = [resource.getrusage(who) for who in SELVES]
    return sum(one.ru_utime + one.ru_stime for one in used)


def run_stage(scratch: Path, memory: float, stage: str, *words: object) -> None:
    """Run the command of a stage, on one core and with so many GiB of `CONCORD_MEMORY`."""
    kept = {name: text for name, text in os.environ.items() if not name.startswith("CONCORD_")}
    told = {"JOBS": "1", "DEVICE": "cpu", "SCRATCH": str(scratch), "MEMORY": str(memory)}
    subprocess.run(
        [sys.executable, "-m", f"stages.{stage}", *map(str, words)],
        cwd=PROJECT,
        env=kept | {f"CONCORD_{name}": text for name, text in told.items()},
        stdout=sys.stderr,
        check=True,
    )


def run_dvc(folder: Path, *words: str) -> None:
    """Run a command of DVC in a repository."""
    own = {"DVC_SITE_CACHE_DIR": str(folder / ".site"), "DVC_NO_ANALYTICS": "true"}
    subprocess.run(
        [sys.executable, "-m", "dvc", *words],
        cwd=folder,
        env=os.environ | own,
        stdout=subprocess.DEVNULL,
        check=True,
    )
