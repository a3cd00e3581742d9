"""The responses of a subject on disk, written by columns as they are made."""

import json
import os
from collections.abc import Iterable
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from stages.core.run.files import atomic

KEY = "responses"
# Bytes before the values, the same for every shape, so that the shape can be filled in last.
HEADER = 256
ITEM = 4


def write_columns(
    path: Path, n_samples: int, at_most: int, blocks: Iterable[NDArray[np.float32]]
) -> None:
    """Write responses block of columns by block, so that they never have to fit in memory.

    The file is the one that `safetensors` would write, but for blanks in its header.

    Parameters
    ----------
    path : Path
    n_samples : int
    at_most : int
        Columns for which room is made.
    blocks : iterable of ndarray of float32, shape (n_samples, any)
        In the order of the columns; taken one at a time.
    """
    with atomic(path) as partial, partial.open("w+b") as stream:
        file, width = stream.fileno(), 0
        for block in blocks:
            for row, values in enumerate(np.ascontiguousarray(block)):
                _write(file, values.tobytes(), _place(row, at_most) + ITEM * width)
            width += block.shape[1]
        if width < at_most:
            _close_gaps(file, n_samples, at_most, width)
        os.ftruncate(file, _place(n_samples, width))
        _write(file, _header(n_samples, width), 0)


def _write(file: int, content: bytes, place: int) -> None:
    """Write all of it: where a disk is nearly full, a single call may write a part and say so."""
    while content:
        written = os.pwrite(file, content, place)
        content, place = content[written:], place + written


def _place(row: int, width: int) -> int:
    return HEADER + ITEM * row * width


def _close_gaps(file: int, n_samples: int, room: int, width: int) -> None:
    """Move every row to where it begins once rows are narrower than the room made for them."""
    for row in range(1, n_samples):
        _write(file, os.pread(file, ITEM * width, _place(row, room)), _place(row, width))


def _header(n_samples: int, width: int) -> bytes:
    size = ITEM * n_samples * width
    entry = {"dtype": "F32", "shape": [n_samples, width], "data_offsets": [0, size]}
    text = json.dumps({KEY: entry}).encode().ljust(HEADER - 8)
    return len(text).to_bytes(8, "little") + text
