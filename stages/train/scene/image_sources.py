"""Where labelled images come from: folders of classes, or a recording with categories."""

import hashlib
import logging
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import chain
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from PIL import Image

from stages.core.pictures.images import check_image, open_images
from stages.core.pictures.picture_file import rgb_picture
from stages.core.recording.recorded_images import require_images
from stages.core.recording.recording_files import read_stimuli, read_words
from stages.core.run.digests import known_sha256
from stages.core.run.errors import InputError
from stages.core.run.files import require_file
from stages.train.scene.labelled_images import LabelledImages

SUFFIXES = (".jpg", ".jpeg", ".png", ".webp", ".bmp")
LEAST = 8  # pixels of a side
CATEGORY = "category/"
DO = "Name a folder with one folder of images per class, or with such folders in train/ and val/."
log = logging.getLogger("concord.train")


@contextmanager
def open_labelled(recording: Path | None, folder: Path | None) -> Iterator[LabelledImages]:
    """Open the images of a recording with categories, or of a folder of classes.

    Raises
    ------
    InputError
        If not exactly one of them is given, or it has no labelled images.
    """
    if (recording is None) == (folder is None):
        raise InputError("which images?", expected="either --recording or --images")
    if folder is not None:
        yield folder_images(folder)
        return
    assert recording is not None  # noqa: S101 (for the checker of types)
    stimuli = read_stimuli(recording / "stimuli.parquet")
    require_file(recording / "features.parquet", "Take a recording of images with categories.")
    classes, labels = categories(read_words(recording / "features.parquet", stimuli), recording)
    rows = np.flatnonzero(labels >= 0)
    if len(rows) < len(labels):
        log.info("%s: %d images without a category left out", recording, len(labels) - len(rows))
    digest = _digest(known_sha256(recording / "images.hdf5"), *labels)
    with open_images(require_images(recording), list(stimuli["id"])) as pixels:
        yield LabelledImages(
            classes, labels[rows], lambda row: Image.fromarray(pixels[rows[row]]), digest
        )


def categories(features: pd.DataFrame, where: object) -> tuple[tuple[str, ...], NDArray[np.int64]]:
    """Find the class of each image: the category with most objects, of equals the rarest one.

    Returns
    -------
    classes : tuple of str
        The categories that are some image's class, in the order of the columns.
    labels : ndarray of int, shape (n_images,)
        -1 for images that show none.

    Raises
    ------
    InputError
        If there are no columns `category/<name>`, or no objects.
    """
    counts = features[[name for name in features.columns if str(name).startswith(CATEGORY)]]
    numbers = counts.to_numpy(float)
    if not numbers.size or not (numbers > 0).any():
        raise InputError(
            "no categories", where=where, expected=f"columns {CATEGORY}NAME that count objects"
        )
    rarity = 1 / (1 + (numbers > 0).sum(axis=0))
    best = np.where(numbers > 0, numbers + rarity / 2, 0).argmax(axis=1)
    best[(numbers <= 0).all(axis=1)] = -1
    found = np.unique(best[best >= 0])
    labels = np.where(best < 0, -1, np.searchsorted(found, best)).astype(np.int64)
    return tuple(str(counts.columns[k]).removeprefix(CATEGORY) for k in found), labels


def folder_images(folder: Path) -> LabelledImages:
    """Find the images below a folder, by class; `train/` and `val/` in it say what is held out.

    Raises
    ------
    InputError
        If there is no folder, no class, a class without images, or `val/` has other classes; or, as
        it is read, if an image is damaged, shorter than 8 pixels or of one colour throughout.
    """
    if not folder.is_dir():
        raise InputError("folder not found", where=folder, do=DO)
    parts = [folder / "train", folder / "val"]
    divided = all(part.is_dir() for part in parts)
    found = [_class_files(part) for part in (parts if divided else [folder])]
    classes = tuple(found[0])
    if divided and tuple(found[1]) != classes:
        got = ", ".join(sorted({*found[1]} ^ {*classes}))
        raise InputError("other classes", where=parts[1], expected="those of train", got=got)
    files = [file for part in found for name in classes for file in part[name]]
    labels = [k for part in found for k, name in enumerate(classes) for _ in part[name]]
    held = [k > 0 for k, part in enumerate(found) for name in classes for _ in part[name]]
    listing = [f"{file.relative_to(folder).as_posix()} {file.stat().st_size}" for file in files]
    return LabelledImages(
        classes,
        np.array(labels, dtype=np.int64),
        lambda row: _read(files[row]),
        _digest(*listing),
        np.array(held) if divided else None,
    )


def _class_files(folder: Path) -> dict[str, list[Path]]:
    names = sorted(path for path in folder.iterdir() if path.is_dir())
    files = {
        path.name: sorted(file for file in path.rglob("*") if file.suffix.lower() in SUFFIXES)
        for path in names
    }
    for file in chain.from_iterable(files.values()):
        if not file.is_file():
            raise InputError("not a file", where=file, expected="an image")
    empty = [name for name, inside in files.items() if not inside]
    if len(names) < 2 or empty:
        got = f"none in {empty[0]}" if empty else f"{len(names)} classes"
        raise InputError("no images to tell apart", where=folder, got=got, do=DO)
    return files


def _read(file: Path) -> Image.Image:
    image = rgb_picture(file)
    if min(image.size) < LEAST:
        expected, got = f"at least {LEAST} pixels", " × ".join(map(str, image.size))
        raise InputError("image too small", where=file, expected=expected, got=got)
    check_image(np.asarray(image), str(file))
    return image


def _digest(*parts: Any) -> str:
    return hashlib.sha256("\n".join(map(str, parts)).encode()).hexdigest()
