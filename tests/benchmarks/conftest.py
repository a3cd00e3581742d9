"""One line per benchmark, and memory of our side alone."""

import multiprocessing
import re
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path
from time import perf_counter
from typing import Any

import pytest


@pytest.fixture
def report(capsys) -> Callable[..., None]:
    """Print name, our time, the peer's, their ratio (peer / ours), and peak memory."""

    def line(name: str, ours: float, peer: float, memory: float, note: str = "") -> None:
        note = f" ({note})" if note else ""
        with capsys.disabled():
            print(
                f"\n{name}: ours {ours:.3g} s, peer {peer:.3g} s{note}, ratio {peer / ours:.3g}, "
                f"peak memory {memory:.0f} MB"
            )

    return line


@pytest.fixture
def alone() -> Callable[..., tuple[float, float, Any]]:
    """Run a function in a process of its own: seconds, peak memory in MB, and what it returns."""

    def run(function: Callable[..., Any], *args: Any) -> tuple[float, float, Any]:
        with ProcessPoolExecutor(1, mp_context=multiprocessing.get_context("spawn")) as pool:
            return pool.submit(_measured, function, *args).result()

    return run


def _measured(function: Callable[..., Any], *args: Any) -> tuple[float, float, Any]:
    start = perf_counter()
    value = function(*args)
    seconds = perf_counter() - start
    return seconds, peak_memory(), value


def peak_memory() -> float:
    """Largest resident memory of this process so far, in MB; its parent's does not count."""
    status = Path("/proc/self/status").read_text()
    return int(re.search(r"VmHWM:\s+(\d+) kB", status)[1]) / 1024
