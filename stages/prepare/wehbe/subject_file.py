"""The file of one subject in the Wehbe release, `subject_<n>.mat`."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from stages.core.names.aal import NOT_LABELLED
from stages.core.run.errors import InputError
from stages.prepare.matfile import fields, number, numbers, read_mat, text, texts
from stages.prepare.usable_targets import target_table
from stages.prepare.wehbe.affine import affine_from_zero

META = ("dimx", "dimy", "dimz", "colToCoord", "colToROInum", "ROInumToName", "matrix")


@dataclass(frozen=True)
class RawSubject:
    """What a subject's file holds, checked, with indices counted from 0.

    Attributes
    ----------
    name : str
    data : ndarray, shape (n_scans, n_voxels)
        Raw BOLD; may hold NaN.
    scans : ndarray, shape (n_scans,)
        Onset of each scan in seconds.
    tr : float
    runs : ndarray of str, shape (n_scans,)
    words : DataFrame
        Columns text, onset and duration, in order of onset.
    targets : DataFrame
        One row per voxel; the region of a voxel outside the atlas is `Not_labelled`.
    affine : ndarray, shape (4, 4)
    shape : tuple of int
    """

    name: str
    data: NDArray[np.floating]
    scans: NDArray[np.floating]
    tr: float
    runs: NDArray[Any]
    words: pd.DataFrame
    targets: pd.DataFrame
    affine: NDArray[np.float64]
    shape: tuple[int, int, int]


def read_subject(path: Path) -> RawSubject:
    """Read and check a subject's file.

    Raises
    ------
    InputError
        If the file cannot be read, or is not of the release's format.
    """
    content = read_mat(path, ("data", "time", "words", "meta"))
    data = numbers(content["data"], f"{path}: data", (None, None))
    if data.size == 0:
        raise InputError("no data", where=path, got=data.shape)
    time = numbers(content["time"], f"{path}: time", (len(data), 2))
    scans, tr, runs = parse_time(time, f"{path}: time")
    targets, affine, shape = parse_meta(content["meta"], data.shape[1], f"{path}: meta")
    words = parse_words(content["words"], f"{path}: words")
    return RawSubject(path.stem, data, scans, tr, runs, words, targets, affine, shape)


def parse_time(
    time: NDArray[np.floating], where: str
) -> tuple[NDArray[np.floating], float, NDArray[Any]]:
    """Onsets of the scans, their interval, and the label of each scan's run."""
    scans, runs = time[:, 0], time[:, 1]
    if not np.isfinite(time).all():
        raise InputError("times that are not finite", where=where)
    if (np.diff(runs) < 0).any() or (runs != runs.round()).any():
        raise InputError("wrong runs", where=where, expected="run numbers in ascending order")
    steps = np.diff(scans)
    within = steps[np.diff(runs) == 0]
    if len(within) == 0 or (steps <= 0).any() or not np.allclose(within, within[0]):
        raise InputError(
            "wrong scan times", where=where, expected="ascending, one interval within each run"
        )
    return scans, float(within[0]), runs.astype(int).astype(str)


def parse_words(words: NDArray[Any], where: str) -> pd.DataFrame:
    """Words in the order of their onsets; the `@` that marks italics is removed."""
    columns = fields(words, ("text", "start", "length"), where)
    if not columns[0]:
        raise InputError("no words", where=where)
    places = [f"{where}, word {index}" for index in range(len(columns[0]))]
    starts, lengths = (np.array(list(map(number, column, places))) for column in columns[1:])
    shown = [one.replace("@", "") for one in map(text, columns[0], places)]
    table = pd.DataFrame({"text": shown, "onset": starts, "duration": lengths})
    empty = table["text"].str.strip() == ""
    if empty.any():
        raise InputError("word without text", where=f"{where}, word {int(empty.argmax())}")
    ordered = np.append(True, np.diff(starts) > 0) & (lengths > 0)
    if not ordered.all():
        at = int(ordered.argmin())
        raise InputError(
            "words out of order",
            where=f"{where}, word {at} ({table['text'][at]!r})",
            expected="ascending onsets and positive lengths",
            got=f"onset {starts[at]:g} s and length {lengths[at]:g} s"
            + (f" after onset {starts[at - 1]:g} s" if at else ""),
        )
    return table


def parse_meta(
    meta: NDArray[Any], n_voxels: int, where: str
) -> tuple[pd.DataFrame, NDArray[np.float64], tuple[int, int, int]]:
    """Targets, affine for indices counted from 0, and dimensions of the volume."""
    field = dict(zip(META, (column[0] for column in fields(meta, META, where)), strict=True))
    x, y, z = (_length(field[name], f"{where}.{name}") for name in META[:3])
    coordinates = numbers(field["colToCoord"], f"{where}.colToCoord", (n_voxels, 3))
    voxels = _voxels(coordinates, (x, y, z), f"{where}.colToCoord")
    codes = numbers(field["colToROInum"], f"{where}.colToROInum").ravel()
    if len(codes) != n_voxels:
        raise InputError(
            "wrong shape", where=f"{where}.colToROInum", expected=n_voxels, got=len(codes)
        )
    place = f"{where}.ROInumToName"
    regions = region_names(codes, texts(field["ROInumToName"], place), place)
    targets = target_table(
        [f"v{column}" for column in range(n_voxels)],
        regions,
        [region[-1] if region.endswith(("_L", "_R")) else "" for region in regions],
        voxels,
    )
    affine = affine_from_zero(field["matrix"], voxels, regions, f"{where}.matrix")
    return targets, affine, (x, y, z)


def _length(value: Any, where: str) -> int:
    """Count the voxels along an axis of the volume."""
    length = number(value, where)
    if length < 1 or length % 1:
        raise InputError("wrong volume", where=where, expected="a whole number", got=length)
    return int(length)


def _voxels(
    coordinates: NDArray[np.floating], shape: tuple[int, int, int], where: str
) -> NDArray[np.int64]:
    """Count indices from 0, where the release counts from 1."""
    outside = (coordinates < 1) | (coordinates > np.array(shape)) | (coordinates % 1 != 0)
    if outside.any():
        column = int(outside.any(axis=1).argmax())
        raise InputError(
            "wrong coordinates",
            where=f"{where}, column {column}",
            expected=f"whole numbers from 1 to {shape}",
            got=coordinates[column].tolist(),
        )
    places, first = np.unique(coordinates, axis=0, return_index=True)
    if len(places) < len(coordinates):
        repeated = np.setdiff1d(np.arange(len(coordinates)), first)[0]
        raise InputError(
            "voxel given twice",
            where=f"{where}, column {repeated}",
            got=coordinates[repeated].tolist(),
        )
    return coordinates.astype(np.int64) - 1


def region_names(codes: NDArray[np.floating], names: list[str], where: str) -> list[str]:
    """Name of each voxel's region: number k is the k-th name counted from 1.

    Parameters
    ----------
    codes : ndarray, shape (n_voxels,)
        0 and the number of the last name stand for voxels outside the atlas.
    names : list of str
        As in the file, `Not_labelled` last.

    Raises
    ------
    InputError
        If `Not_labelled` is not last, which would shift every label by one region, or a
        number has no name.
    """
    if not names or names[-1] != NOT_LABELLED:
        raise InputError(
            "wrong names", where=where, expected=f"{NOT_LABELLED} last", got=names[-1:]
        )
    wrong = ~np.isin(codes, np.arange(len(names) + 1))
    if wrong.any():
        column = int(wrong.argmax())
        raise InputError(
            "unknown region number",
            where=f"{where}, column {column}",
            expected=f"0 to {len(names)}",
            got=f"{codes[column]:g}",
        )
    return [names[int(code) - 1] for code in codes]
