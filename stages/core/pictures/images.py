"""The images of a recording, `images.hdf5`: written and read one at a time.

Datasets `images`, uint8, n_stimuli × height × width × 3 (red, green, blue; first row on top), one
image after the other, and `ids`, the id of each, in the order of the stimuli.
"""

import math
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from itertools import chain
from pathlib import Path
from typing import Any

import h5py
import numpy as np
from numpy.typing import NDArray

from stages.core.names.datasets import rerun
from stages.core.run.errors import InputError
from stages.core.run.files import atomic, take_room
from stages.core.run.hdf5_files import dataset, hdf5_reading, open_hdf5
from stages.core.run.tables import check_same_ids

Image = NDArray[np.uint8]
# Images that are written before it is said that they are on disk.
TOGETHER = 64


def write_images(path: Path, ids: Sequence[str], images: Iterable[Image]) -> None:
    """Write images of one size, atomically; they are taken one at a time.

    Raises
    ------
    InputError
        If an image is not uint8 of shape (height, width, 3), is of another size than the first
        one, or is of one colour throughout, as data that were never written are.
    """
    with atomic(path) as partial:
        for _ in fill_images(partial, ids, images, 0):
            pass


def fill_images(
    path: Path, ids: Sequence[str], images: Iterable[Image], done: int
) -> Iterator[int]:
    """Write the images that are missing, and yield again and again how many are on disk.

    All room is made at first. Then nothing but pixels is written, so that a file that was left in
    the middle is one to go on with, and the same file in the end.

    Parameters
    ----------
    path : Path
    ids : sequence of str
        Of all images.
    images : iterable of ndarray of uint8, shape (height, width, 3)
        Those from `done` on.
    done : int
        Images that the file holds already; without any it is made anew.

    Yields
    ------
    int
        Images that the file holds from now on, whatever happens.

    Raises
    ------
    InputError
        As of `write_images`.
    """
    waiting = iter(images)
    if not done:
        first = next(waiting)
        check_image(first, f"{path}, image {ids[0]}")
        _make_room(path, ids, first.shape)
        waiting = chain([first], waiting)
    with h5py.File(path, "r+") as file:
        dataset = file["images"]
        for row, (name, image) in enumerate(zip(ids[done:], waiting, strict=True), start=done):
            check_image(image, f"{path}, image {name}")
            if image.shape != dataset.shape[1:]:
                raise InputError(
                    "image of another size",
                    where=f"{path}, image {name}",
                    expected=dataset.shape[1:],
                    got=image.shape,
                )
            dataset[row] = image
            if (row + 1) % TOGETHER == 0:
                file.flush()
                yield row + 1
    yield len(ids)


def _make_room(path: Path, ids: Sequence[str], shape: tuple[int, ...]) -> None:
    """Make a file with everything but the pixels, whose place is set and whose room is taken.

    A disk that is full says so before HDF5 writes: where that fails, it has ended the process.
    """
    layout = h5py.h5p.create(h5py.h5p.DATASET_CREATE)
    layout.set_alloc_time(h5py.h5d.ALLOC_TIME_EARLY)
    layout.set_fill_time(h5py.h5d.FILL_TIME_NEVER)
    take_room(path, len(ids) * math.prod(shape))
    with h5py.File(path, "w") as file:
        file["ids"] = np.array(ids, dtype=h5py.string_dtype())
        file.create_dataset("images", (len(ids), *shape), "u1", dcpl=layout)
    take_room(path, path.stat().st_size)


def check_image(image: Image, where: str) -> None:
    """Raise `InputError` unless it is a picture of something."""
    if image.dtype != np.uint8 or image.ndim != 3 or image.shape[-1] != 3:
        raise InputError(
            "not an image",
            where=where,
            expected="uint8, height × width × 3",
            got=f"{image.dtype}, {' × '.join(map(str, image.shape))}",
        )
    values = image.reshape(-1)
    if np.array_equal(values[3:], values[:-3]):  # each pixel the one before it
        raise InputError(
            "blank image",
            where=where,
            got=f"colour {image[0, 0].tolist()} throughout",
            do="The file may be incomplete: obtain it again.",
        )


@contextmanager
def open_images(path: Path, ids: Sequence[str]) -> Iterator[Any]:
    """Open the images of the given stimuli.

    Yields
    ------
    h5py.Dataset of uint8, shape (n_stimuli, height, width, 3)
        Row i is the image of `ids[i]`; index it by rows or slices.

    Raises
    ------
    InputError
        If the file is missing or unreadable, or holds the images of other stimuli.
    """
    do = rerun("prepare", path)
    with open_hdf5(path, do) as file:
        named, images = (dataset(file, name, path, do) for name in ("ids", "images"))
        with hdf5_reading(path, do):
            found = list(named.asstr()[:])
        check_same_ids(list(ids), found, "stimuli", path, do)
        _check_pixels(images, len(found), path, do)
        yield images


def _check_pixels(images: Any, n_images: int, path: Path, do: str) -> None:
    """Raise `InputError` unless there is a picture of each stimulus."""
    shape = images.shape
    if images.dtype != np.uint8 or len(shape) != 4 or shape[0] != n_images or shape[3] != 3:
        expected = f"uint8, {n_images} × height × width × 3"
        raise InputError(
            "not images", where=path, expected=expected, got=f"{images.dtype}, {shape}", do=do
        )
