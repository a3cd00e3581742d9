"""Images with the class of each, and which of them are held out."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from stages.core.run.errors import InputError
from stages.train.seeded import rng_of

Rows = NDArray[np.intp]


@dataclass(frozen=True)
class LabelledImages:
    """Images of known classes.

    Attributes
    ----------
    classes : tuple of str
    labels : ndarray of int, shape (n_images,)
        Position of each image's class in `classes`.
    read : callable
        From a row to its image, RGB.
    digest : str
        Of what the images and labels are.
    given : ndarray of bool, shape (n_images,), or None
        Which images are held out, where the data say so.
    """

    classes: tuple[str, ...]
    labels: NDArray[np.int64]
    read: Callable[[int], Image.Image]
    digest: str
    given: NDArray[np.bool_] | None = None


def check_labels(labels: NDArray[np.int64], n_classes: int, where: object) -> None:
    """Raise `InputError` unless every label is the number of a class."""
    wrong = labels[(labels < 0) | (labels >= n_classes)]
    if len(wrong):
        expected = f"0 to {n_classes - 1}"
        raise InputError("label out of range", where=where, expected=expected, got=int(wrong[0]))


def split_rows(images: LabelledImages, held_out: float, seed: int) -> tuple[Rows, Rows]:
    """Divide the images into those to train on and those held out.

    Where the data do not say, about the part `held_out` of each class is drawn, at least one image
    and never all.

    Raises
    ------
    InputError
        If a class has less than two images.
    """
    if images.given is not None:
        return np.flatnonzero(~images.given), np.flatnonzero(images.given)
    held = np.zeros(len(images.labels), dtype=bool)
    for number, name in enumerate(images.classes):
        rows = np.flatnonzero(images.labels == number)
        if len(rows) < 2:
            raise InputError("too few images", where=f"class {name}", expected=2, got=len(rows))
        n_held = min(max(round(held_out * len(rows)), 1), len(rows) - 1)
        held[rng_of(seed, number).permutation(rows)[:n_held]] = True
    return np.flatnonzero(~held), np.flatnonzero(held)


def shuffle_labels(labels: NDArray[np.int64], rows: Rows, seed: int) -> NDArray[np.int64]:
    """Deal the labels of some rows among them at random: nothing is left to learn but how many."""
    shuffled = labels.copy()
    shuffled[rows] = rng_of(seed, len(rows)).permutation(labels[rows])
    return shuffled
