"""Arrays of another type, order or shape than they were, and how NumPy may store them."""

import zipfile
from collections.abc import Callable
from io import BytesIO
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tests.chaos.array_faults import members, write_members
from tests.chaos.structure.form import DIFFERENT, EQUAL, REFUSED, Change, Form, Rng
from tests.chaos.trial import UnfitError

Array = NDArray[Any]
Edit = Callable[[Array], Any]


def _held(path: Path) -> dict[str, bytes]:
    return {"": path.read_bytes()} if path.suffix == ".npy" else members(path)


def _put(path: Path, held: dict[str, bytes]) -> None:
    if path.suffix == ".npy":
        path.write_bytes(held[""])
    else:
        write_members(path, held)


def _saved(array: Any, version: tuple[int, int] | None = None) -> bytes:
    stored = BytesIO()
    np.lib.format.write_array(stored, np.asanyarray(array), version=version)
    return stored.getvalue()


def _of(kinds: str, edit: Edit) -> Change:
    """Change one array of some kinds of numbers or texts."""

    def change(path: Path, rng: Rng) -> None:
        held = _held(path)
        loaded = {name: np.load(BytesIO(content)) for name, content in held.items()}
        names = sorted(name for name in loaded if loaded[name].dtype.kind in kinds)
        if not names:
            raise UnfitError
        name = names[rng.integers(len(names))]
        array = loaded[name]
        try:
            made = edit(array)
        except (ValueError, TypeError, IndexError) as error:
            raise UnfitError from error
        if isinstance(made, np.ndarray) and made.shape == array.shape and made.dtype == array.dtype:
            same = np.array_equal(made, array, equal_nan=array.dtype.kind == "f")
            if same and made.flags.c_contiguous == array.flags.c_contiguous:
                raise UnfitError
        _put(path, held | {name: made if isinstance(made, bytes) else _saved(made)})

    return change


def _of_shape(edit: Edit) -> Change:
    """Change the shape of an array that has one."""

    def check(array: Array) -> Any:
        made = edit(array)
        if made.shape == array.shape:
            raise ValueError
        return made

    return _of("fiuU", check)


def _record(array: Array) -> Array:
    return np.rec.fromarrays([array, array], names="a,b")


def _one_missing(array: Array) -> Array:
    made = array.copy()
    made.flat[made.size // 2] = np.nan
    return made


def extra(path: Path, rng: Rng) -> None:
    """Add an array that nobody asked for."""
    if path.suffix == ".npy":
        raise UnfitError
    write_members(path, members(path) | {"odd.npy": _saved(np.arange(3))})


def dropped(path: Path, rng: Rng) -> None:
    """Leave an array out."""
    held = members(path) if path.suffix == ".npz" else {}
    if len(held) < 2:
        raise UnfitError
    del held[sorted(held)[rng.integers(len(held))]]
    write_members(path, held)


def loosely_packed(path: Path, rng: Rng) -> None:
    """Store the same without packing it."""
    held = members(path) if path.suffix == ".npz" else {}
    if not held:
        raise UnfitError
    with zipfile.ZipFile(path, "w", zipfile.ZIP_STORED) as archive:
        for name, content in reversed(held.items()):
            archive.writestr(name, content)


def alone(path: Path, rng: Rng) -> None:
    """Store one array under a name that promises several."""
    if path.suffix != ".npz":
        raise UnfitError
    held = members(path)
    path.write_bytes(held[sorted(held)[rng.integers(len(held))]])


CHANGES: dict[str, tuple[Change, str]] = {
    "other_ends": (_of("fiu", lambda a: a.astype(a.dtype.newbyteorder(">"))), EQUAL),
    "columns_first": (_of("fiu", np.asfortranarray), EQUAL),
    "long": (_of("f", lambda a: a.astype(np.longdouble)), EQUAL),
    "new_header": (_of("fiuU", lambda a: _saved(a, (3, 0))), EQUAL),
    "single": (_of("f", lambda a: a.astype(np.float32)), DIFFERENT),
    "half": (_of("f", lambda a: a.astype(np.float16)), DIFFERENT),
    "whole": (_of("f", lambda a: a.astype(np.int32)), DIFFERENT),
    "flags": (_of("fiu", lambda a: a > 0), REFUSED),
    "complex": (_of("fiu", lambda a: a.astype(complex)), REFUSED),
    "records": (_of("fiu", _record), REFUSED),
    "dates": (_of("fiu", lambda a: a.astype(np.int64).astype("M8[s]")), REFUSED),
    "texts": (_of("fiu", lambda a: a.astype(str)), REFUSED),
    "bytes": (_of("U", lambda a: a.astype("S")), REFUSED),
    "objects": (_of("fiuU", lambda a: a.astype(object)), REFUSED),
    "transposed": (_of_shape(np.transpose), REFUSED),
    "axis_first": (_of("fiuU", lambda a: a[None]), REFUSED),
    "axis_last": (_of("fiuU", lambda a: a[..., None]), REFUSED),
    "flat": (_of_shape(np.ravel), REFUSED),
    "scalar": (_of("fiuU", lambda a: np.asarray(a.ravel()[0])), REFUSED),
    "no_rows": (_of("fiuU", lambda a: a[:0]), REFUSED),
    "no_columns": (_of("fiu", lambda a: a[:, :0]), REFUSED),
    "rows_twice": (_of("fiuU", lambda a: np.concatenate([a, a])), REFUSED),
    "missing": (_of("f", _one_missing), REFUSED),
    "extra": (extra, REFUSED),
    "dropped": (dropped, DIFFERENT),
    "loose": (loosely_packed, EQUAL),
    "alone": (alone, REFUSED),
}  # fmt: skip
FORMS: dict[str, Form] = {f"array_{name}": Form(*about) for name, about in CHANGES.items()}
