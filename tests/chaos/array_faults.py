"""What can be wrong with a file of NumPy's arrays: its names, types, shapes and numbers."""

import zipfile
from collections.abc import Callable
from io import BytesIO
from pathlib import Path
from typing import Any

import numpy as np

from tests.chaos.trial import UnfitError

Rng = np.random.Generator


def members(path: Path) -> dict[str, bytes]:
    """Read the files that a .npz packs, by name."""
    with zipfile.ZipFile(path) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def write_members(path: Path, held: dict[str, bytes]) -> None:
    """Pack files as a .npz."""
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in held.items():
            archive.writestr(name, content)


def _change(path: Path, rng: Rng, change: Callable[[np.ndarray[Any, Any]], object]) -> None:
    """Put something in the place of one array."""
    held = members(path)
    name = sorted(held)[rng.integers(len(held))]
    stored = BytesIO()
    array = np.load(BytesIO(held[name]))
    np.save(stored, np.asarray(change(array)), allow_pickle=True)
    write_members(path, held | {name: stored.getvalue()})


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
    held = members(path)
    name = sorted(held)[rng.integers(len(held))]
    others = {one: content for one, content in held.items() if one != name}
    new = str(rng.choice(["Responses.npy", "x.npy", "../responses.npy", "", f"{name}.npy"]))
    write_members(path, others | {new: held[name]})


def claimed(path: Path, rng: Rng) -> None:
    """Claim a shape that is not there."""
    held = members(path)
    name = sorted(held)[rng.integers(len(held))]
    start = held[name].find(b"(") + 1
    shape = rng.choice(["9" * 11, "-1", "2.5", "'a'"]).encode()
    content = held[name][:start] + shape + b"," + held[name][start + len(shape) + 1 :]
    write_members(path, held | {name: content})


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
