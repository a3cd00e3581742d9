"""Another engine than threads: tasks and items travel as bytes, and so do results."""

import pickle
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TypeVar

import pytest
from threadpoolctl import threadpool_limits

T = TypeVar("T")
R = TypeVar("R")
MOST_BYTES = 64_000  # of a task and one item


def pickling_map(task: Callable[[T], R], items: Sequence[T], description: str) -> list[R]:
    """Do what `parallel_map` does as a cluster would, and refuse large tasks."""
    results = []
    with threadpool_limits(1):
        for item in items:
            sent = pickle.dumps((task, item))
            assert len(sent) <= MOST_BYTES, f"{description}: {len(sent)} bytes"
            there, given = pickle.loads(sent)
            results.append(pickle.loads(pickle.dumps(there(given))))
    return results


def use_pickling(monkeypatch: pytest.MonkeyPatch, scratch: Path, module: str) -> None:
    """Let a module of the project run its tasks on this engine."""
    monkeypatch.setenv("CONCORD_SCRATCH", str(scratch))
    monkeypatch.setattr(f"{module}.parallel_map", pickling_map)
