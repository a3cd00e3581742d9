"""Whether images stand in an order that layers and responses both follow.

Chance is made of images in any order, unless it is asked to know of time. Frames of a film follow
each other: layers and responses that have nothing else in common then agree, and many are found.
"""

import logging
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

SAMPLED = 256  # images that are held against all
COLUMNS = 1000  # of wider layers so many are looked at
MOST_Z = 5.0  # of the autocorrelation, on both sides

Ints = NDArray[np.intp]
Values = NDArray[np.floating]

log = logging.getLogger("concord.encode")


def sequence_z(values: Values, images: Ints | None = None) -> float:
    """Autocorrelation from each image to the next, in standard deviations of any order's.

    Parameters
    ----------
    values : ndarray, shape (n_rows, n_columns)
        Of which at most `COLUMNS` columns are looked at.
    images : ndarray of int, shape (n_images,), optional
        Rows that are images; all of them without.

    Returns
    -------
    float
        The sum of products of each centred row with the next, less what it is by chance, by the
        root of as many mean squares of products of two rows, of which at most `SAMPLED` are held
        against all.
    """
    images = np.arange(len(values)) if images is None else images
    kept = values[np.ix_(images, _spread(values.shape[1], COLUMNS))].astype(np.float64)
    rows, n = kept - kept.mean(axis=0), len(kept)
    some = _spread(n, SAMPLED)
    products = rows[some] @ rows.T
    others = np.arange(n) != some[:, None]
    sd = float(np.sqrt((n - 1) * np.square(products[others]).mean()))
    steps = float((rows[:-1] * rows[1:]).sum())
    return (steps + float(np.square(rows).sum()) / n) / sd if sd else 0.0


def warn_of_sequence(
    layers: Sequence[Values], images: Ints, responses: Values, where: str, permute: str
) -> None:
    """Warn where images stand in an order that both sides follow, and chance is not of shifts.

    Parameters
    ----------
    layers : sequence of ndarray, shape (n_rows, n_units)
    images : ndarray of int, shape (n_images,)
        Rows of the layers.
    responses : ndarray, shape (n_images, n_voxels)
    where : str
        Whose, for the message.
    permute : {"rows", "blocks", "shifts"}
        How the null permutes images.
    """
    if permute == "shifts" or sequence_z(responses) <= MOST_Z:
        return
    if max(sequence_z(layer, images) for layer in layers) > MOST_Z:
        log.warning(
            "%s: images follow an order that both layers and responses see: p values are too small "
            "if images were taken in it, as frames of a film, and not only listed by kind; set "
            "encode_scene.permute to shifts then, or to blocks where they come in groups",
            where,
        )


def _spread(n: int, most: int) -> Ints:
    """Choose at most so many of n, evenly spaced."""
    return np.linspace(0, n - 1, min(n, most)).round().astype(np.intp)
