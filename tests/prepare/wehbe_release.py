"""A small release in the format of Wehbe et al. (2014): two runs, twelve voxels, four regions."""

from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.io import savemat

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


def subject_variables(rng: np.random.Generator) -> Variables:
    """Make the variables of one subject's file."""
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


def feature_blocks(rng: np.random.Generator) -> dict[str, list[Any]]:
    """Make the fields of the variable `features`, with the traps of the release."""
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


def write_release(folder: Path, variables: Variables, blocks: dict[str, list[Any]]) -> Path:
    """Write a folder with two subjects and the features."""
    folder.mkdir(parents=True)
    save_subject(folder / "subject_1.mat", variables)
    other = {**variables, "data": variables["data"][:, ::-1] + 5}
    save_subject(folder / "subject_2.mat", other)
    savemat(folder / "story_features.mat", {"features": struct(blocks)})
    return folder


def save_subject(path: Path, variables: Variables) -> Path:
    """Write a subject's file."""
    savemat(path, variables)
    return path
