"""What can be wrong with any file, and which faults a file can have.

A fault changes a file in place. Some are of content that no reader could know to be wrong (a
number that was another): their names are in `UNKNOWABLE`.
"""

import os
import shutil
from collections.abc import Callable, Mapping
from pathlib import Path

import numpy as np

from tests.chaos import (
    array_faults,
    hdf5_faults,
    image_faults,
    json_faults,
    mat_faults,
    table_faults,
    tensor_faults,
    text_faults,
    volume_faults,
)
from tests.chaos.trial import UnfitError

Rng = np.random.Generator
Fault = Callable[[Path, Rng], None]


def truncate(path: Path, rng: Rng) -> None:
    """Keep the first part."""
    content = path.read_bytes()
    path.write_bytes(content[: rng.integers(1, max(2, len(content)))])


def flip(path: Path, rng: Rng) -> None:
    """Flip some bits anywhere."""
    content = bytearray(path.read_bytes())
    for _ in range(rng.integers(1, 9)):
        content[rng.integers(len(content))] ^= 1 << int(rng.integers(8))
    path.write_bytes(content)


def flip_head(path: Path, rng: Rng) -> None:
    """Flip some bits of the first kilobyte."""
    content = bytearray(path.read_bytes())
    for _ in range(rng.integers(1, 9)):
        content[rng.integers(min(1024, len(content)))] ^= 1 << int(rng.integers(8))
    path.write_bytes(content)


def zero_part(path: Path, rng: Rng) -> None:
    """Leave zeros where a part was not written."""
    content = bytearray(path.read_bytes())
    start = int(rng.integers(len(content)))
    stop = min(len(content), start + int(rng.integers(1, 5000)))
    content[start:stop] = bytes(stop - start)
    path.write_bytes(content)


def append(path: Path, rng: Rng) -> None:
    """Add bytes behind the end."""
    path.write_bytes(path.read_bytes() + rng.bytes(int(rng.integers(1, 400))))


def empty(path: Path, rng: Rng) -> None:
    """Leave nothing."""
    path.write_bytes(b"")


def missing(path: Path, rng: Rng) -> None:
    """Take it away."""
    path.unlink()


def noise(path: Path, rng: Rng) -> None:
    """Put other bytes in its place."""
    path.write_bytes(rng.bytes(int(rng.integers(1, 3000))))


def folder_instead(path: Path, rng: Rng) -> None:
    """Put a folder in its place."""
    path.unlink()
    path.mkdir()


def pipe_instead(path: Path, rng: Rng) -> None:
    """Put a pipe in its place, which nobody writes to."""
    path.unlink()
    os.mkfifo(path)


def link_to_itself(path: Path, rng: Rng) -> None:
    """Put a link in its place that leads to itself."""
    path.unlink()
    path.symlink_to(path.name)


def pointer(path: Path, rng: Rng) -> None:
    """Put a pointer of Git-LFS in its place."""
    path.write_text("version https://git-lfs.github.com/spec/v1\noid sha256:0\nsize 9\n")


def neighbour(path: Path, rng: Rng) -> None:
    """Put another file of the same folder in its place."""
    others = [
        one for one in sorted(path.parent.iterdir()) if one.is_file() and not one.samefile(path)
    ]
    if not others:
        raise UnfitError
    shutil.copyfile(others[rng.integers(len(others))], path)


GENERIC: dict[str, Fault] = {
    one.__name__: one
    for one in (
        truncate, flip, flip_head, zero_part, append, empty, missing, noise, folder_instead,
        pipe_instead, link_to_itself, pointer, neighbour,
    )
}  # fmt: skip

OWN: dict[str, Mapping[str, Fault]] = {
    ".mat": mat_faults.FAULTS,
    ".hdf5": hdf5_faults.FAULTS,
    ".nc": hdf5_faults.FAULTS,
    ".json": json_faults.FAULTS,
    ".parquet": table_faults.PARQUET,
    ".csv": table_faults.TEXT,
    ".tsv": table_faults.TEXT,
    ".npz": array_faults.FAULTS,
    ".safetensors": tensor_faults.FAULTS,
    ".png": image_faults.FAULTS,
    ".TextGrid": text_faults.FAULTS,
    ".yaml": text_faults.YAML,
    ".txt": text_faults.FAULTS,
    ".ctab": text_faults.FAULTS,
    ".nii.gz": volume_faults.FAULTS,
}

# Of what is not sealed, a reader cannot know that it was otherwise; nor, of a folder of people or
# images, that there was one more file.
UNKNOWABLE = {
    "flip", "flip_head", "zero_part", "append", "neighbour", "truncate", "noise", "missing",
    "folder_instead",
    *array_faults.UNKNOWABLE, *hdf5_faults.UNKNOWABLE, *json_faults.UNKNOWABLE,
    *mat_faults.UNKNOWABLE,
    *table_faults.UNKNOWABLE, *image_faults.UNKNOWABLE, *text_faults.UNKNOWABLE,
    *volume_faults.UNKNOWABLE, *tensor_faults.UNKNOWABLE,
}  # fmt: skip


def faults_of(path: Path) -> dict[str, Fault]:
    """Every fault that a file may have, by name; half of all draws are of its own format."""
    own = next((faults for end, faults in OWN.items() if path.name.endswith(end)), {})
    return {**GENERIC, **own}


def draw(path: Path, rng: Rng) -> str:
    """Draw a fault: with odds of two to one, one of the file's own format."""
    every = faults_of(path)
    own = [name for name in every if name not in GENERIC]
    names = own if own and rng.random() < 2 / 3 else list(GENERIC)
    return names[rng.integers(len(names))]
