"""Which images layers are fitted on, and which they are tested on."""

import numpy as np
from numpy.typing import NDArray

from stages.core.regression.folds import Fold, Split, random_parts
from stages.core.run.errors import InputError


def image_folds(apart: NDArray[np.bool_], parts: int, seed: int) -> tuple[Fold, ...]:
    """Fit on a person's own images and test on those kept apart; without any, on random parts.

    Images come in no order, and their repeats are averaged, so that single images are left out at
    random: the outer folds where none are kept apart, and always the inner ones, within the
    training images.

    Parameters
    ----------
    apart : ndarray of bool, shape (n_images,)
        Which images are kept for testing.
    parts : int
        Into which images are cut.
    seed : int

    Raises
    ------
    InputError
        If there are too few images for the parts, or two or less to be tested on.
    """
    rng, rows = np.random.default_rng(seed), np.arange(len(apart))
    kept = [Split(rows[~apart], rows[apart])]
    outer = kept if apart.any() else random_parts(rows, parts, rng)
    _check_tested(min(len(split.test) for split in outer))
    return tuple(Fold(split, tuple(random_parts(split.train, parts, rng))) for split in outer)


def _check_tested(fewest: int) -> None:
    if fewest < 3:
        raise InputError("too few images to test on", expected="3 or more", got=fewest)
