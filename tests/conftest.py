"""Fixtures every test may use."""

import os
from collections.abc import Callable, Iterator
from pathlib import Path

os.environ["HF_HUB_OFFLINE"] = "1"
os.environ.setdefault("OMP_NUM_THREADS", "1")  # small products lose time to threads
os.environ.setdefault("CONCORD_JOBS", "1")  # workers of pytest have the cores already

import numpy as np
import pytest
from xdist.remote import Producer
from xdist.scheduler import LoadFileScheduling

from tests.browser import Shown, browser_in

PROJECT = Path(__file__).resolve().parents[1]


# End to end, these files are a group each, and the others are one, too.
GROUPS = {
    "tests/e2e/test_default_study.py": "read",
    "tests/e2e/test_scene_study.py": "late",
    "tests/e2e/test_the_remote.py": "late",
}
FIRST = {"do": 0, "read": 1, "late": 2}


def group_of(nodeid: str) -> str:
    """Name what a test shares a process with: its group end to end, or its file."""
    file = nodeid.partition("::")[0]
    return GROUPS.get(file, "do") if file.startswith("tests/e2e/") else file


class InGroups(LoadFileScheduling):
    """Gives a worker all tests of a file, or of a group, and the study that they share."""

    def _split_scope(self, nodeid: str) -> str:
        return group_of(nodeid)


def pytest_xdist_make_scheduler(config: pytest.Config, log: Producer) -> InGroups | None:
    """Keep groups together where files are to be."""
    return InGroups(config, log) if config.getvalue("dist") == "loadfile" else None


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Begin with what takes longest: at the end, all but one worker would wait.

    These are the groups end to end, each of them minutes long, and then files with slow tests.
    """
    slow = {item.path for item in items if item.get_closest_marker("slow")}
    items.sort(key=lambda item: (FIRST.get(group_of(item.nodeid), 3), item.path not in slow))


@pytest.fixture
def rng() -> np.random.Generator:
    """Seeded random numbers."""
    return np.random.default_rng(42)


@pytest.fixture(scope="session")
def mirror() -> Path:
    """Folder with the public data, or a skip that says so."""
    folder = Path(os.environ.get("CONCORD_DATA_MIRROR", PROJECT.parent / "shared" / "data"))
    if not folder.is_dir():
        pytest.skip(f"real data not here: no folder {folder} (set CONCORD_DATA_MIRROR)")
    return folder


@pytest.fixture
def two_threads() -> Iterator[None]:
    """Of PyTorch, in this process, until the test ends."""
    import torch

    before = torch.get_num_threads()
    torch.set_num_threads(2)
    yield
    torch.set_num_threads(before)


@pytest.fixture
def browse(tmp_path: Path) -> Callable[[Path, str], Shown]:
    """Open a page at a state in a browser without a network."""
    return browser_in(tmp_path)
