"""Folds of images that do not stand alone: those in succession are left out together."""

from functools import partial

import numpy as np
from numpy.typing import NDArray

from stages.core.regression.folds import Fold, Split
from stages.core.run.errors import InputError

Ints = NDArray[np.intp]
FEWEST = 3  # images to be fitted on


def consecutive_folds(
    apart: NDArray[np.bool_], parts: int, groups: Ints, permute: str, block: int
) -> tuple[Fold, ...]:
    """Fit on images that are not near those tested: kept apart, or parts of consecutive images.

    Inner folds are such parts of the training images. Where chance is made of blocks, none is cut:
    nothing is fitted on images of a block of which one is tested. Where it is made of shifts,
    nothing is fitted on images up to `block` places before or after one that is tested. Nor is it
    ever on images that are nearly the same as one that is. All images that are kept apart are
    tested, since chance keeps them in succession.

    Parameters
    ----------
    apart : ndarray of bool, shape (n_images,)
        Which images are kept for testing; images in the order in which they came.
    parts : int
        Into which images are cut, outer and inner folds alike.
    groups : ndarray of int, shape (n_images,)
        Which images are nearly the same.
    permute : {"blocks", "shifts"}
    block : int
        As those of `stages.core.stats.row_orders.row_orders`.

    Raises
    ------
    InputError
        If there are too few blocks for the parts, or too few images to fit on or to test on.
    """
    rows, gap = np.arange(len(apart)), block if permute == "shifts" else 0
    units = rows // block if permute == "blocks" else rows
    outside = partial(_outside, labels=(units, groups), gap=min(gap, len(rows)))
    tested = [rows[apart]] if apart.any() else _cut(rows, units, parts)
    folds = []
    for test in tested:
        train = outside(rows, test)
        inner = [Split(outside(train, part), part) for part in _cut(train, units, parts)]
        folds.append(Fold(Split(train, test), tuple(inner)))
    _check_sizes(folds, block)
    return tuple(folds)


def _cut(rows: Ints, units: Ints, parts: int) -> list[Ints]:
    """Cut rows into consecutive parts of about as many whole units each."""
    found, place = np.unique(units[rows], return_inverse=True)
    if len(found) < 2 * parts:
        raise InputError(
            "too few images to cut into parts",
            where="params.yaml: encode_scene.block",
            expected=f"at least {2 * parts} blocks or images for {parts} parts",
            got=len(found),
            do="Lower it, or folds.blocks.",
        )
    part = place * parts // len(found)
    return [rows[part == one] for one in range(parts)]


def _outside(rows: Ints, test: Ints, *, labels: tuple[Ints, ...], gap: int) -> Ints:
    """Keep rows further than `gap` from every one that is tested, and of other labels."""
    last = len(labels[0]) - 1
    near = np.zeros(last + 1, dtype=bool)
    for shift in range(-gap, gap + 1):
        near[np.clip(test + shift, 0, last)] = True
    for label in labels:
        near |= np.isin(label, label[test])
    return rows[~near[rows]]


def _check_sizes(folds: list[Fold], block: int) -> None:
    splits = [split for fold in folds for split in (fold.outer, *fold.inner)]
    fewest = min(min(len(split.train), len(split.test)) for split in splits)
    if fewest < FEWEST:
        raise InputError(
            "too few images to fit on or to test on",
            where=f"params.yaml: encode_scene.block: {block}",
            expected=f"{FEWEST} or more in every split, outside of what is near those tested",
            got=fewest,
            do="Lower it, or folds.blocks.",
        )
