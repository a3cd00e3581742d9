"""Images that lie in a folder as files, brought to one size."""

import hashlib
import logging
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

import numpy as np
from PIL import Image, ImageOps

from stages.core.pictures.images import Image as Pixels
from stages.core.pictures.picture_file import open_picture, rgb_picture
from stages.core.run.errors import InputError, did_you_mean
from stages.core.run.files import sha256
from stages.prepare.inner_paths import inside

logger = logging.getLogger("concord.prepare")

LEAST, MOST = 32, 512  # pixels of a side
Size = tuple[int, int]


class ImageFiles:
    """Images in the order of the stimuli, read one at a time.

    Parameters
    ----------
    paths : sequence of Path
    """

    def __init__(self, paths: Sequence[Path]) -> None:
        self.paths = list(paths)
        self.size = common_size([_size(path) for path in self.paths])

    def __iter__(self) -> Iterator[Pixels]:
        """Yield all."""
        return (read_image(path, self.size) for path in self.paths)

    def __getitem__(self, rows: slice, /) -> Iterable[Pixels]:
        """Choose some."""
        return (read_image(path, self.size) for path in self.paths[rows])

    @property
    def digest(self) -> str:
        """SHA-256 of names and content of the files."""
        lines = (f"{path.name} {sha256(path)}\n" for path in self.paths)
        return hashlib.sha256("".join(lines).encode()).hexdigest()


def image_paths(folder: Path, names: Sequence[str]) -> list[Path]:
    """Find the files of images, which must lie below a folder.

    Raises
    ------
    InputError
        If one is not there, or its name leads elsewhere.
    """
    if not folder.is_dir():
        raise InputError("folder not found", where=folder.parent, expected=f"{folder.name}/")
    inside(folder, folder.parent)
    paths = []
    for name in names:
        parts = Path(name).parts
        if Path(name).is_absolute() or ".." in parts or "\\" in name or "\0" in name:
            expected = f"the name of a file below {folder.name}/"
            raise InputError(
                "name of an image", where=folder.parent, expected=expected, got=repr(name)
            )
        path = folder / name
        if not path.is_file():
            there = [str(one.relative_to(folder)) for one in folder.rglob("*") if one.is_file()]
            do = did_you_mean(name, there[:1000])
            raise InputError("image not found", where=folder, expected=repr(name), do=do)
        paths.append(inside(path, folder))
    return paths


def common_size(sizes: Sequence[Size]) -> Size:
    """Width and height to which images are brought.

    Images of one size keep it, unless they are longer than 512 pixels, and then their shape; others
    become squares of the shortest side among them, of at most 512.

    Raises
    ------
    InputError
        If an image is shorter than 32 pixels.
    """
    shortest = min(min(size) for size in sizes)
    if shortest < LEAST:
        raise InputError(
            "image too small", where="images", expected=f"at least {LEAST} pixels", got=shortest
        )
    if len(set(sizes)) == 1:
        width, height = sizes[0]
        scale = min(1.0, MOST / max(width, height))
        size = round(scale * width), round(scale * height)
    else:
        size = (min(shortest, MOST),) * 2
    if min(size) < LEAST:
        raise InputError(
            "image too narrow",
            where="images",
            expected=f"{LEAST} pixels of {MOST}",
            got=min(size),
        )
    if size != sizes[0] or len(set(sizes)) > 1:
        logger.info(
            "images of %d sizes are brought to %d × %d pixels, by their middle",
            *(len(set(sizes)), *size),
        )
    return size


def read_image(path: Path, size: Size) -> Pixels:
    """Read an image as red, green and blue, cut to the shape wanted around its middle, and resized.

    It is turned as its camera says; what is transparent becomes grey.

    Returns
    -------
    ndarray of uint8, shape (height, width, 3)
    """
    image = rgb_picture(path)
    if image.size != size:
        image = ImageOps.fit(image, size, Image.Resampling.LANCZOS)
    return np.asarray(image, dtype=np.uint8)


def _size(path: Path) -> Size:
    width, height = ImageOps.exif_transpose(open_picture(path)).size
    return width, height
