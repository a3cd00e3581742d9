"""The images of a recording, `images.hdf5`: written and read one at a time.

Datasets `images`, uint8, n_stimuli × height × width × 3 (red, green, blue; first row on top), one
chunk per image, and `ids`, the id of each, in the order of the stimuli.
"""

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import h5py
import numpy as np
from numpy.typing import NDArray

from stages.core.names.datasets import rerun
from stages.core.run.errors import InputError
from stages.core.run.files import atomic, require_file
from stages.core.run.tables import check_same_ids

Image = NDArray[np.uint8]


def write_images(path: Path, ids: Sequence[str], images: Iterable[Image]) -> None:
    """Write images of one size, atomically; they are taken one at a time.

    Raises
    ------
    InputError
        If an image is not uint8 of shape (height, width, 3), is of another size than the first
        one, or is of one colour throughout, as data that were never written are.
    """
    with atomic(path) as partial, h5py.File(partial, "w") as file:
        file["ids"] = np.array(ids, dtype=h5py.string_dtype())
        dataset = None
        for row, (name, image) in enumerate(zip(ids, images, strict=True)):
            check_image(image, f"{path}, image {name}")
            if dataset is None:
                shape = (len(ids), *image.shape)
                dataset = file.create_dataset("images", shape, "u1", chunks=(1, *image.shape))
            if image.shape != dataset.shape[1:]:
                raise InputError(
                    "image of another size",
                    where=f"{path}, image {name}",
                    expected=dataset.shape[1:],
                    got=image.shape,
                )
            dataset[row] = image


def check_image(image: Image, where: str) -> None:
    """Raise `InputError` unless it is a picture of something."""
    if image.dtype != np.uint8 or image.ndim != 3 or image.shape[-1] != 3:
        raise InputError(
            "not an image",
            where=where,
            expected="uint8, height × width × 3",
            got=f"{image.dtype}, {' × '.join(map(str, image.shape))}",
        )
    if (image == image[0, 0]).all():
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
    require_file(path, do)
    try:
        file = h5py.File(path)
    except OSError as error:
        raise InputError("unreadable images", where=path, got=error, do=do) from error
    with file:
        for name in ("ids", "images"):
            if name not in file:
                raise InputError("dataset missing", where=path, expected=name, do=do)
        check_same_ids(list(ids), list(file["ids"].asstr()[:]), "stimuli", path, do)
        yield file["images"]
