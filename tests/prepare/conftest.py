"""Small releases for tests to read and to break, and settings to read them by."""

import shutil
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from stages.core.params.schema import PrepareStory
from tests.prepare.nsd_release import Planted, plant
from tests.prepare.wehbe_release import (
    Variables,
    cell,
    feature_blocks,
    save_subject,
    struct,
    subject_variables,
    write_release,
)

Save = Callable[..., Path]


@pytest.fixture
def variables(rng: np.random.Generator) -> Variables:
    """The variables of one subject's file."""
    return subject_variables(rng)


@pytest.fixture
def blocks(rng: np.random.Generator) -> dict[str, list[Any]]:
    """The fields of the variable `features`, with the traps of the release."""
    return feature_blocks(rng)


@pytest.fixture
def release(tmp_path: Path, variables: Variables, blocks: dict[str, list[Any]]) -> Path:
    """A folder with two subjects and the features."""
    return write_release(tmp_path / "raw", variables, blocks)


@pytest.fixture
def save() -> Save:
    """Writer of a subject's file."""
    return save_subject


@pytest.fixture
def make_struct() -> Callable[[dict[str, list[Any]]], NDArray[Any]]:
    """Maker of struct arrays."""
    return struct


@pytest.fixture
def make_cell() -> Callable[..., NDArray[Any]]:
    """Maker of cell arrays."""
    return cell


@pytest.fixture
def prepare() -> Callable[..., PrepareStory]:
    """Maker of the section `prepare` of the parameters."""

    def make(**changes: Any) -> PrepareStory:
        values = {"subjects": "all", "detrend": True, "high_pass": 0.0, "smoothing": 0.0}
        return PrepareStory(**{**values, **changes})

    return make


@pytest.fixture(scope="session", autouse=True)
def shared_scratch(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Unfinished work of fixtures that tests share."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("CONCORD_SCRATCH", str(tmp_path_factory.mktemp("scratch")))
        yield


@pytest.fixture(autouse=True)
def scratch(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Folder of a test's unfinished work."""
    folder = tmp_path_factory.mktemp("scratch")
    monkeypatch.setenv("CONCORD_SCRATCH", str(folder))
    return folder


@pytest.fixture(scope="session")
def whole_nsd(tmp_path_factory: pytest.TempPathFactory) -> Planted:
    """A small release in the layout of NSD, not to be changed."""
    return plant(tmp_path_factory.mktemp("nsd") / "raw", np.random.default_rng(7))


@pytest.fixture
def nsd(whole_nsd: Planted, tmp_path: Path) -> Planted:
    """A copy of the small release, to be broken."""
    shutil.copytree(whole_nsd.root, tmp_path / "nsd")
    return replace(whole_nsd, root=tmp_path / "nsd")
