"""Which images layers are fitted on, and which they are tested on."""

import numpy as np
from numpy.typing import NDArray

from stages.core.regression.folds import Fold, Split, random_parts
from stages.core.run.errors import InputError

Ints = NDArray[np.intp]


def image_folds(
    apart: NDArray[np.bool_], parts: int, seed: int, groups: Ints | None = None
) -> tuple[Fold, ...]:
    """Fit on a person's own images and test on those kept apart; without any, on random parts.

    Images come in no order, and their repeats are averaged, so that single images are left out at
    random: the outer folds where none are kept apart, and always the inner ones, within the
    training images. Images of one group, which are nearly the same, are left out together, and
    nothing is fitted on images of a group of which one is kept apart. Of such a group the first
    alone is tested: the others are no further evidence, and chance in any order of single images
    would be too narrow.

    Parameters
    ----------
    apart : ndarray of bool, shape (n_images,)
        Which images are kept for testing.
    parts : int
        Into which images are cut.
    seed : int
    groups : ndarray of int, shape (n_images,), optional
        Which images are nearly the same; without, none are.

    Raises
    ------
    InputError
        If there are too few images, or groups, for the parts, or two or less to be tested on.
    """
    rng, rows = np.random.default_rng(seed), np.arange(len(apart))
    groups = rows if groups is None else groups
    own = ~np.isin(groups, groups[apart])
    first = rows[apart][np.unique(groups[apart], return_index=True)[1]]
    kept = [Split(rows[own], np.sort(first))]
    outer = kept if apart.any() else grouped_parts(rows, groups, parts, rng)
    _check_tested(min(len(split.test) for split in outer))
    return tuple(
        Fold(split, tuple(grouped_parts(split.train, groups, parts, rng))) for split in outer
    )


def grouped_parts(rows: Ints, groups: Ints, parts: int, rng: np.random.Generator) -> list[Split]:
    """Leave each of as many random parts of the given rows out, groups as a whole.

    Parts are as equal as groups allow: these come in random order, the largest first, each into the
    part that has the fewest rows. Where every row is a group, these are `random_parts`.

    Raises
    ------
    InputError
        If there are fewer than two groups for a part.
    """
    found, place, sizes = np.unique(groups[rows], return_inverse=True, return_counts=True)
    if len(found) == len(rows):
        return random_parts(rows, parts, rng)
    if len(found) < 2 * parts:
        raise InputError(
            "too few images that are not alike",
            where="params.yaml: encode_scene.alike",
            expected=f"at least {2 * parts} groups for {parts} parts",
            got=len(found),
            do="Raise it, or lower folds.blocks.",
        )
    order = rng.permutation(len(found))
    part_of, filled = np.empty(len(found), dtype=np.intp), np.zeros(parts, dtype=np.intp)
    for group in order[np.argsort(-sizes[order], kind="stable")]:
        part_of[group] = filled.argmin()
        filled[part_of[group]] += sizes[group]
    part = part_of[place]
    return [Split(rows[part != one], rows[part == one]) for one in range(parts)]


def _check_tested(fewest: int) -> None:
    if fewest < 3:
        raise InputError("too few images to test on", expected="3 or more", got=fewest)
