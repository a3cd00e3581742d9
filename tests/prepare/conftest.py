"""A small release in the format of Wehbe et al. (2014): two runs, twelve voxels, four regions."""

import shutil
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy.io import savemat

from stages.core.params.schema import PrepareStory
from tests.prepare.nsd_release import Planted, plant

Variables = dict[str, Any]

# Scans of each run, its first scan with words, and its number of words (the last scan shows 3).
RUNS = ((16, 3, 39), (14, 2, 35))
NAMES = ("Precentral_L", "Precentral_R", "Angular_L", "Vermis_3", "Not_labelled")
SHAPE = (4, 3, 2)


def cell(*texts: str) -> NDArray[Any]:
    """Make a 1 × n cell array of texts."""
    array = np.empty((1, len(texts)), dtype=object)
    array[0] = texts
    return array


def struct(fields: dict[str, list[Any]]) -> NDArray[Any]:
    """Make a 1 × n struct array."""
    n_elements = len(next(iter(fields.values())))
    array = np.empty((1, n_elements), dtype=[(name, object) for name in fields])
    for name, values in fields.items():
        for index, value in enumerate(values):
            array[name][0, index] = value
    return array


def timetable() -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Onset and run of every scan, and onset of every word."""
    time, onsets, first = [], [], 0
    for run, (n_scans, silent, n_words) in enumerate(RUNS, start=1):
        time += [(2.0 * (first + scan), run) for scan in range(n_scans)]
        onsets += [2.0 * (first + silent) + 0.5 * word for word in range(n_words)]
        first += n_scans
    return np.array(time), np.array(onsets)


@pytest.fixture
def variables(rng: np.random.Generator) -> Variables:
    """The variables of one subject's file."""
    time, onsets = timetable()
    places = np.argwhere(np.ones(SHAPE))[::2] + 1
    columns = np.arange(1, len(places) + 1)
    in_volume = tuple(places.T - 1)
    column_at, number_at = np.zeros(SHAPE), np.zeros(SHAPE)
    numbers = np.array([1, 1, 1, 2, 2, 2, 3, 3, 4, 4, 0, 5])
    column_at[in_volume], number_at[in_volume] = columns, numbers
    meta = {
        "subject": 1.0,
        "nTRs": float(len(time)),
        "nvoxels": float(len(places)),
        **dict(zip(("dimx", "dimy", "dimz"), map(float, SHAPE), strict=True)),
        "colToCoord": places.astype(float),
        "coordToCol": column_at,
        "colToROInum": numbers[None].astype(float),
        "coordToROInum": number_at,
        "ROInumToName": cell(*NAMES),
        "voxel_size": np.array([[3.0, 3.0, 3.0]]),
        "matrix": np.array([[-3.0, 0, 0, 81], [0, 3, 0, -115], [0, 0, 3, -73], [0, 0, 0, 1]]),
    }
    texts = [f"word{index}" for index in range(len(onsets))]
    texts[1], texts[2], texts[38] = "@Quill", "it--said", "+"
    return {
        "data": rng.normal(700, 20, (len(time), len(places))).astype(np.float32),
        "time": time,
        "words": struct(
            {
                "text": [cell(text) for text in texts],
                "start": list(onsets),
                "length": [0.5] * len(onsets),
            }
        ),
        "meta": meta,
    }


@pytest.fixture
def blocks(rng: np.random.Generator) -> dict[str, list[Any]]:
    """The fields of the variable `features`, with the traps of the release."""
    n_words = len(timetable()[1])
    counts = rng.integers(0, 4, (n_words, 6)).astype(np.uint8)
    return {
        "type": ["NNSE", "Visual", "Word_Num", "Part_of_speech", "Dependency_role"],
        "names": [
            cell("s1000_1", "s1000_10"),
            cell("word_length", "var_WL"),
            "sentence_length",
            cell("CC", ","),
            cell("CC", "SBJ"),
        ],
        "values": [
            rng.random((n_words, 2)),
            np.column_stack([counts[:, 0] + 1, np.zeros(n_words)]).astype(np.uint8),
            counts[:, [1]],
            counts[:, 2:4],
            counts[:, 4:6],
        ],
    }


Save = Callable[..., Path]


@pytest.fixture
def release(tmp_path: Path, variables: Variables, blocks: dict[str, list[Any]]) -> Path:
    """A folder with two subjects and the features."""
    folder = tmp_path / "raw"
    folder.mkdir()
    save_subject(folder / "subject_1.mat", variables)
    other = {**variables, "data": variables["data"][:, ::-1] + 5}
    save_subject(folder / "subject_2.mat", other)
    savemat(folder / "story_features.mat", {"features": struct(blocks)})
    return folder


def save_subject(path: Path, variables: Variables) -> Path:
    """Write a subject's file."""
    savemat(path, variables)
    return path


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
