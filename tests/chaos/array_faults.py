"""What can be wrong with a file of NumPy's arrays: its names, types, shapes and numbers."""

import zipfile
from collections.abc import Callable
from io import BytesIO
from pathlib import Path
from typing import Any

import numpy as np

from tests.chaos.trial import UnfitError

Rng = np.random.Generator


def _members(path: Path) -> dict[str, bytes]:
    with zipfile.ZipFile(path) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def _write(path: Path, members: dict[str, bytes]) -> None:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            archive.writestr(name, content)


def _change(path: Path, rng: Rng, change: Callable[[np.ndarray[Any, Any]], object]) -> None:
    """Put something in the place of one array."""
    members = _members(path)
    name = sorted(members)[rng.integers(len(members))]
    stored = BytesIO()
    array = np.load(BytesIO(members[name]))
    np.save(stored, np.asarray(change(array)), allow_pickle=True)
    _write(path, members | {name: stored.getvalue()})


def other_type(path: Path, rng: Rng) -> None:
    """Write it in another type."""
    kind = str(rng.choice(["f2", ">f8", "U9", "S9", "O", "c16", "M8[s]", "?"]))
    try:
        _change(path, rng, lambda array: array.astype(kind))
    except (ValueError, TypeError) as error:
        raise UnfitError from error


def other_axes(path: Path, rng: Rng) -> None:
    """Give it other axes."""
    ways: tuple[Callable[[np.ndarray[Any, Any]], object], ...] = (
        np.transpose, np.ravel, lambda array: array[None], lambda array: array[:0],
        lambda array: array[:-1], lambda array: array.ravel()[0],
    )  # fmt: skip
    _change(path, rng, ways[rng.integers(len(ways))])


def no_number(path: Path, rng: Rng) -> None:
    """Put what is no finite number into it."""

    def change(array: np.ndarray[Any, Any]) -> object:
        if array.dtype.kind != "f":
            raise UnfitError
        changed = array.copy()
        changed.flat[rng.integers(changed.size)] = rng.choice([np.nan, np.inf, -np.inf])
        return changed

    _change(path, rng, change)


def same_throughout(path: Path, rng: Rng) -> None:
    """Put one value everywhere."""
    _change(path, rng, lambda array: np.full_like(array, array.flat[0]))


def renamed(path: Path, rng: Rng) -> None:
    """Call one array otherwise."""
    members = _members(path)
    name = sorted(members)[rng.integers(len(members))]
    others = {one: content for one, content in members.items() if one != name}
    new = str(rng.choice(["Responses.npy", "x.npy", "../responses.npy", "", f"{name}.npy"]))
    _write(path, others | {new: members[name]})


def claimed(path: Path, rng: Rng) -> None:
    """Claim a shape that is not there."""
    members = _members(path)
    name = sorted(members)[rng.integers(len(members))]
    start = members[name].find(b"(") + 1
    shape = rng.choice(["9" * 11, "-1", "2.5", "'a'"]).encode()
    content = members[name][:start] + shape + b"," + members[name][start + len(shape) + 1 :]
    _write(path, members | {name: content})


def inside(path: Path, rng: Rng) -> None:
    """Flip bits of what was packed, and leave the directory."""
    content = bytearray(path.read_bytes())
    with zipfile.ZipFile(path) as archive:
        one = archive.infolist()[0]
    start = one.header_offset + 30 + len(one.filename)
    for _ in range(rng.integers(1, 30)):
        content[start + int(rng.integers(max(1, one.compress_size)))] ^= 1 << int(rng.integers(8))
    path.write_bytes(content)


FAULTS: dict[str, Callable[[Path, Rng], None]] = {
    f"array_{one.__name__}": one
    for one in (other_type, other_axes, no_number, same_throughout, renamed, claimed, inside)
}
# Rows of other numbers, or fewer, are responses as well.
UNKNOWABLE = ("array_other_type", "array_other_axes", "array_same_throughout")
