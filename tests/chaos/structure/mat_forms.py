"""MATLAB files whose variables are of another class, shape or version than they were."""

import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any

import h5py
import numpy as np
from scipy.io import savemat

from tests.chaos.mat_faults import get, load, places, put
from tests.chaos.structure.form import DIFFERENT, EQUAL, REFUSED, Change, Form, Rng
from tests.chaos.trial import UnfitError

Edit = Callable[[Any], Any]


def _save(path: Path, content: dict[str, Any], **how: Any) -> None:
    path.unlink()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        savemat(path, content, **how)


def _of(kinds: str, edit: Edit) -> Change:
    """Put something else in the place of an array of some kinds, at any depth."""

    def change(path: Path, rng: Rng) -> None:
        content = load(path)
        found = [at for at in places(content) if at and _kind(get(content, at)) in kinds]
        names = sorted({str(at[0]) for at in found})
        if not names:
            raise UnfitError
        name = names[rng.integers(len(names))]
        same = [at for at in found if str(at[0]) == name]
        at = same[rng.integers(len(same))]
        try:
            put(content, at, edit(get(content, at)))
        except (ValueError, TypeError, IndexError) as error:
            raise UnfitError from error
        _save(path, content)

    return change


def _kind(value: Any) -> str:
    """Letter of NumPy's kinds; `V` of a struct."""
    return value.dtype.kind if isinstance(value, np.ndarray) else "-"


def _cell(*values: Any) -> Any:
    cell = np.empty((1, len(values)), dtype=object)
    cell[0, :] = values
    return cell


def _struct(value: Any) -> Any:
    return {"value": value}


def _cells_of(value: Any) -> Any:
    """Put every number into a cell of its own."""
    if value.size > 2000 or value.size < 2:
        raise ValueError
    cell = np.empty(value.shape, dtype=object)
    for at in np.ndindex(value.shape):
        cell[at] = np.atleast_2d(value[at])
    return cell


def _whole(value: Any) -> Any:
    """Store whole numbers as doubles, and doubles that are whole as the shortest that hold them."""
    if value.dtype.kind in "iu":
        return value.astype(float)
    if not np.array_equal(value, np.round(value)) or abs(value).max(initial=0) > 127:
        raise ValueError
    return value.astype(np.int8)


def _transposed(value: Any) -> Any:
    if value.ndim < 2 or len(set(value.shape)) == 1:
        raise ValueError
    return value.T


def _row_as_column(value: Any) -> Any:
    if value.ndim != 2 or 1 not in value.shape or value.size < 2:
        raise ValueError
    return value.T


def _matrix_transposed(value: Any) -> Any:
    return _transposed(value) if 1 not in value.shape else _row_as_column([])


def variables_turned(path: Path, rng: Rng) -> None:
    """Write variables in another order, and one more."""
    content = load(path)
    _save(path, {"odd": np.arange(3.0), **dict(reversed(content.items()))})


def packed(path: Path, rng: Rng) -> None:
    """Write the same, packed."""
    _save(path, load(path), do_compression=True)


def of_version_4(path: Path, rng: Rng) -> None:
    """Write what version 4 can hold."""
    content = load(path)
    plain = {n: v for n, v in content.items() if v.dtype.kind in "fiu" and v.ndim == 2}
    if len(plain) < len(content):
        plain |= {name: np.arange(4.0)[None] for name in content if name not in plain}
    _save(path, {n: v.astype(float) for n, v in plain.items()}, format="4")


def of_version_73(path: Path, rng: Rng) -> None:
    """Write numbers as version 7.3 does, which is HDF5, its axes the other way round."""
    content = load(path)
    path.unlink()
    with h5py.File(path, "w", userblock_size=512) as file:
        for name, value in content.items():
            if value.dtype.kind in "fiu":
                file[name] = value.T
            else:
                file.create_group(name)
    head = b"MATLAB 7.3 MAT-file".ljust(124) + b"\x00\x02IM"
    content_ = path.read_bytes()
    path.write_bytes(head + content_[len(head) :])


def field_renamed(path: Path, rng: Rng) -> None:
    """Call a field of a struct, or a variable, otherwise."""
    content = load(path)
    name = sorted(content)[rng.integers(len(content))]
    value = content[name]
    if value.dtype.names and rng.random() < 0.8:
        names = list(value.dtype.names)
        names[rng.integers(len(names))] += "_"
        value.dtype.names = tuple(names)
    else:
        content[f"{name}_"] = content.pop(name)
    _save(path, content)


CHANGES: dict[str, tuple[Change, str]] = {
    "struct_for_numbers": (_of("fiu", _struct), REFUSED),
    "struct_for_text": (_of("U", _struct), REFUSED),
    "cell_of_numbers": (_of("fiu", _cell), EQUAL),
    "cell_of_text": (_of("U", _cell), EQUAL),
    "cell_of_cells": (_of("O", _cell), REFUSED),
    "numbers_in_cells": (_of("fiu", _cells_of), REFUSED),
    "matrix_of_cells": (_of("O", lambda value: np.ones(value.shape)), REFUSED),
    "struct_gone": (_of("V", lambda value: np.ones((1, 1))), REFUSED),
    "structs_twice": (_of("V", lambda value: np.concatenate([value, value], axis=-1)), REFUSED),
    "text_for_numbers": (_of("fiu", lambda value: "12.5"), REFUSED),
    "numbers_for_text": (_of("U", lambda value: np.array([[97.0, 98.0]])), REFUSED),
    "flags": (_of("fiu", lambda value: value > value.mean()), DIFFERENT),
    "complex": (_of("fiu", lambda value: value + 1j), REFUSED),
    "single": (_of("f", lambda value: value.astype(np.float32)), DIFFERENT),
    "whole": (_of("fiu", _whole), EQUAL),
    "turned": (_of("fiu", _matrix_transposed), REFUSED),
    "row_as_column": (_of("fiuO", _row_as_column), EQUAL),
    "no_rows": (_of("fiuO", lambda value: value[:0]), REFUSED),
    "axis_more": (_of("fiu", lambda value: np.stack([value, value], -1)), REFUSED),
    "rows_twice": (_of("fiu", lambda value: np.concatenate([value, value])), REFUSED),
    "columns_twice": (_of("fiuO", lambda value: np.concatenate([value, value], -1)), REFUSED),
    "variables_turned": (variables_turned, EQUAL),
    "packed": (packed, EQUAL),
    "version_4": (of_version_4, REFUSED),
    "version_73": (of_version_73, REFUSED),
    "field_renamed": (field_renamed, REFUSED),
}
FORMS: dict[str, Form] = {f"mat_{name}": Form(*about) for name, about in CHANGES.items()}
