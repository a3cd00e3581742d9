"""Fixtures every test may use."""

import os
from collections.abc import Callable
from pathlib import Path

os.environ["HF_HUB_OFFLINE"] = "1"
os.environ.setdefault("OMP_NUM_THREADS", "1")  # small products lose time to threads
os.environ.setdefault("CONCORD_JOBS", "1")  # workers of pytest have the cores already

import numpy as np
import pytest

from tests.browser import Shown, browser_in

PROJECT = Path(__file__).resolve().parents[1]


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Begin with the files that have slow tests: at the end, all but one worker would wait."""
    slow = {item.path for item in items if item.get_closest_marker("slow")}
    items.sort(key=lambda item: item.path not in slow)


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
def browse(tmp_path: Path) -> Callable[[Path, str], Shown]:
    """Open a page at a state in a browser without a network."""
    return browser_in(tmp_path)
