"""The photographs of NSD: which of COCO's they are, their captions and categories, their pixels."""

import hashlib
import json
import math
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from stages.core.pictures.images import Image
from stages.core.pictures.picture_file import MOST_PIXELS
from stages.core.run.errors import InputError
from stages.core.run.files import require_file, unique_keys
from stages.core.run.hdf5_files import dataset, hdf5_reading, open_hdf5
from stages.prepare.nsd.tree import IMAGES, OBTAIN, read_text_table

# What is read of COCO's annotations, and its type, by list.
Parts = Mapping[str, Mapping[str, type]]
CAPTIONS: Parts = {"annotations": {"image_id": int, "caption": str}}
INSTANCES: Parts = {
    "images": {"id": int, "width": int, "height": int},
    "annotations": {"image_id": int, "category_id": int},
    "categories": {"id": int, "name": str},
}
# Columns of the table of images that are read.
COLUMNS = ["nsdId", "cocoId", "cocoSplit", "cropBox", "shared1000"]


def image_id(image: int) -> str:
    """Name an image by its number counted from 0."""
    return f"nsd{image:05d}"


def read_stimulus_info(path: Path) -> pd.DataFrame:
    """Read `nsd_stim_info_merged.csv`.

    Returns
    -------
    DataFrame
        One row per image, by number counted from 0: cocoId, cocoSplit, shared1000, and the
        fractions that were cropped off: top, bottom, left, right.

    Raises
    ------
    InputError
        If it is not that table.
    """
    table = read_text_table(path, sep=",")
    absent = [name for name in COLUMNS if name not in table]
    if absent:
        raise InputError("column missing", where=path, expected=absent, got=list(table)[:10])
    if len(table) != IMAGES or (table["nsdId"] != np.arange(IMAGES)).any():
        raise InputError(
            "wrong rows", where=path, expected=f"{IMAGES} images, nsdId from 0", got=len(table)
        )
    codes, different = pd.factorize(table["cropBox"], use_na_sentinel=False)
    boxes = different.to_series().str.strip("()").str.split(",", expand=True)
    try:
        sides = boxes.astype(float).to_numpy()
    except ValueError as error:
        raise InputError("wrong cropBox", where=path, got=error) from error
    if len(boxes.columns) != 4 or not ((sides >= 0) & (sides < 1)).all():
        raise InputError("wrong cropBox", where=path, expected="four fractions below 1")
    info = table[["cocoId", "cocoSplit", "shared1000"]].reset_index(drop=True)
    return info.join(pd.DataFrame(sides[codes], columns=["top", "bottom", "left", "right"]))


def read_captions(folder: Path, shown: pd.DataFrame) -> pd.DataFrame:
    """Read every caption of the images shown.

    Parameters
    ----------
    folder : Path
        With COCO's `captions_<split>.json`.
    shown : DataFrame
        Rows of `read_stimulus_info`.

    Returns
    -------
    DataFrame
        id, number and text of each caption, image by image, in COCO's order.

    Raises
    ------
    InputError
        If a file is missing or damaged, or an image has no caption.
    """
    texts: dict[int, list[str]] = {}
    for split in shown["cocoSplit"].unique():
        for caption in _read_coco(folder / f"captions_{split}.json", CAPTIONS)[0]:
            texts.setdefault(caption["image_id"], []).append(" ".join(caption["caption"].split()))
    rows = []
    for image, coco in zip(shown.index, shown["cocoId"], strict=True):
        if not any(texts.get(coco, [])):
            raise InputError(
                "no caption", where=folder, got=f"{image_id(image)}, COCO image {coco}", do=OBTAIN
            )
        written = [text for text in texts[coco] if text]
        rows += [(image_id(image), number, text) for number, text in enumerate(written)]
    return pd.DataFrame(rows, columns=["id", "number", "text"])


def read_categories(folder: Path, shown: pd.DataFrame) -> pd.DataFrame:
    """Count the objects of each of COCO's categories in what the crop left of the images shown.

    Parameters
    ----------
    folder : Path
        With COCO's `instances_<split>.json`.
    shown : DataFrame
        Rows of `read_stimulus_info`.

    Returns
    -------
    DataFrame
        id, and `category/<name>` for each category in COCO's order: how many objects have some
        of their box in the crop; a crowd is one object.

    Raises
    ------
    InputError
        If a file is missing or damaged, lacks an image or a category, or has other categories
        than the one before.
    """
    names: dict[int, str] = {}
    counts: dict[tuple[int, int], int] = {}
    for split, of_split in shown.groupby("cocoSplit"):
        path = folder / f"instances_{split}.json"
        images, objects, categories = _read_coco(path, INSTANCES)
        found = {category["id"]: category["name"] for category in categories}
        if names not in ({}, found):
            raise InputError("other categories", where=path, expected=names, got=found)
        names = found
        crops = crop_windows(of_split, images, path)
        for one in objects:
            if one["category_id"] not in names:
                raise InputError("unknown category", where=path, got=one["category_id"])
            for image, window in crops.get(one["image_id"], []):
                if overlaps(_box(one, path), window):
                    key = (image, one["category_id"])
                    counts[key] = counts.get(key, 0) + 1
    table = np.array(
        [[counts.get((image, number), 0) for number in names] for image in shown.index], float
    )
    columns = [f"category/{name}" for name in names.values()]
    features = pd.DataFrame(table, columns=columns)
    features.insert(0, "id", [image_id(image) for image in shown.index])
    return features


Window = tuple[float, float, float, float]


def crop_windows(
    shown: pd.DataFrame, images: Sequence[dict[str, Any]], where: object
) -> dict[int, list[tuple[int, Window]]]:
    """Find what NSD shows of COCO's images, in their pixels: left, top, right, bottom.

    Returns
    -------
    dict
        By COCO's number: the images of NSD made of it, each with its window.
    """
    sizes = {image["id"]: (image["width"], image["height"]) for image in images}
    windows: dict[int, list[tuple[int, Window]]] = {}
    sides = shown[["left", "top", "right", "bottom"]].to_numpy(float).tolist()
    for image, coco, (left, top, right, bottom) in zip(
        shown.index, shown["cocoId"], sides, strict=True
    ):
        if coco not in sizes:
            raise InputError("image missing", where=where, got=f"COCO image {coco}")
        width, height = sizes[coco]
        window = (left * width, top * height, (1 - right) * width, (1 - bottom) * height)
        windows.setdefault(coco, []).append((image, window))
    return windows


def _box(annotation: dict[str, Any], where: object) -> list[float]:
    """Read the box of an object, if it is one."""
    box = annotation.get("bbox")
    if (
        not isinstance(box, list)
        or len(box) != 4
        or not all(isinstance(one, int | float) and np.isfinite(one) for one in box)
    ):
        raise InputError("wrong box", where=where, expected="four numbers", got=repr(box)[:80])
    return box


def overlaps(box: Sequence[float], window: Window) -> bool:
    """Whether a box (left, top, width, height) has some area inside a window."""
    left, top, width, height = box
    inside_x = min(left + width, window[2]) - max(left, window[0])
    inside_y = min(top + height, window[3]) - max(top, window[1])
    return inside_x > 0 and inside_y > 0


def _read_coco(path: Path, parts: Parts) -> list[list[dict[str, Any]]]:
    """Read lists of COCO's annotations, without the outlines, which fill gigabytes.

    Raises
    ------
    InputError
        If the file is missing or damaged, or an entry lacks what is read of it.
    """
    require_file(path, OBTAIN)

    def without_outline(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        entry = unique_keys(pairs)
        entry.pop("segmentation", None)
        return entry

    try:
        with path.open(encoding="utf-8") as stream:
            content = json.load(stream, object_pairs_hook=without_outline)
        found = [content[part] for part in parts]
    except (ValueError, KeyError, TypeError, RecursionError) as error:
        raise InputError("wrong annotations", where=path, got=repr(error), do=OBTAIN) from error
    for part, entries in zip(parts, found, strict=True):
        _check_entries(entries, parts[part], f"{path}, {part}")
    return found


def _check_entries(entries: Any, types: Mapping[str, type], where: str) -> None:
    """Raise `InputError` unless entries are a list of objects with values of these types."""
    if not isinstance(entries, list):
        got = type(entries).__name__
        raise InputError("wrong annotations", where=where, expected="a list", got=got, do=OBTAIN)
    for row, entry in enumerate(entries):
        for name, kind in types.items():
            value = entry.get(name) if isinstance(entry, dict) else None
            if not isinstance(value, kind) or isinstance(value, bool):
                raise InputError(
                    "wrong annotations",
                    where=f"{where}, entry {row}, {name}",
                    expected=kind.__name__,
                    got=repr(value)[:80],
                    do=OBTAIN,
                )


@dataclass(frozen=True)
class Photographs:
    """Some images of `nsd_stimuli.hdf5`, read one at a time whenever they are gone through.

    Attributes
    ----------
    path : Path
    images : sequence of int
        Numbers counted from 0.
    """

    path: Path
    images: Sequence[int]

    @property
    def key(self) -> str:
        """SHA-256 of the numbers, and of the size and time of the file that holds the pixels."""
        status = self.path.stat()
        content = [status.st_size, status.st_mtime_ns, list(self.images)]
        return hashlib.sha256(json.dumps(content).encode()).hexdigest()

    def __getitem__(self, rows: slice) -> "Photographs":
        """Choose some of the images."""
        return Photographs(self.path, self.images[rows])

    def __iter__(self) -> Iterator[Image]:
        """Yield the images, uint8, height × width × 3."""
        with open_bricks(self.path) as bricks:
            for image in self.images:
                if not 0 <= image < len(bricks):
                    raise InputError(
                        "image id out of range",
                        where=self.path,
                        expected=f"0 to {len(bricks) - 1}",
                        got=image,
                    )
                yield _read_image(bricks, image, self.path)


@contextmanager
def open_bricks(path: Path) -> Iterator[Any]:
    """Open the dataset of images, n × height × width × 3.

    Raises
    ------
    InputError
        If there is none, it is of another shape, or one image has more than `MOST_PIXELS`.
    """
    with open_hdf5(path, OBTAIN) as file:
        bricks = dataset(file, "imgBrick", path, OBTAIN)
        if len(bricks.shape) != 4 or bricks.shape[3] != 3:
            expected, got = "n × height × width × 3", " × ".join(map(str, bricks.shape)) or "one"
            where = f"{path}, imgBrick"
            raise InputError("wrong images", where=where, expected=expected, got=got, do=OBTAIN)
        if math.prod(bricks.shape[1:]) > 3 * MOST_PIXELS:
            expected, got = f"at most {MOST_PIXELS} pixels", " × ".join(map(str, bricks.shape[1:]))
            raise InputError("huge image", where=path, expected=expected, got=got, do=OBTAIN)
        yield bricks


def _read_image(bricks: Any, image: int, path: Path) -> NDArray[np.uint8]:
    with hdf5_reading(f"{path}, image {image}", OBTAIN):
        return np.asarray(bricks[image])
