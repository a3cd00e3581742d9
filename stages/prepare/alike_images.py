"""Images that are nearly the same: what is told by one of them is told by the others."""

from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from PIL import Image
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from stages.core.pictures.images import open_images
from stages.core.recording.recorded_images import require_images

SIDE = 32  # pixels to which images are reduced
BLOCK = 1000  # images whose correlations are held at once
SLACK = 1e-5  # of correlations, by rounding: those of copies are 1 but for it

Pixels = NDArray[np.uint8]


def alike_images(recording: Path, ids: Sequence[str], least: float) -> pd.DataFrame:
    """Group the images of a recording that are nearly the same.

    Parameters
    ----------
    recording : Path
        Folder. One without images, whose stimuli are words, has none that are alike.
    ids : sequence of str
        Of the stimuli.
    least : float
        As that of `group_alike`.

    Returns
    -------
    DataFrame
        Columns id and group, the id of the first image of its group.
    """
    path = require_images(recording)
    groups = np.arange(len(ids))
    if path.is_file():
        with open_images(path, ids) as images:
            groups = group_alike((images[row] for row in range(len(ids))), least)
    first = pd.Series(ids).groupby(groups).transform("first")
    return pd.DataFrame({"id": list(ids), "group": list(first)})


def group_alike(images: Iterable[Pixels], least: float) -> NDArray[np.intp]:
    """Put images into one group that correlate, or are joined by others that do.

    Parameters
    ----------
    images : iterable of ndarray of uint8, shape (height, width, 3)
        Taken one at a time.
    least : float
        Correlation of the grey values of 32 × 32 areas from which two images are alike; by 1,
        copies are.

    Returns
    -------
    ndarray of int, shape (n_images,)
        Number of each image's group.
    """
    reduced = np.stack([_reduced(image) for image in images])
    pairs = [np.empty((2, 0), dtype=np.intp), *_pairs(reduced, least)]
    first, second = np.concatenate(pairs, axis=1)
    shape = (len(reduced), len(reduced))
    graph = coo_array((np.ones(len(first), dtype=np.int8), (first, second)), shape=shape)
    groups: NDArray[np.intp] = connected_components(graph, directed=False)[1].astype(np.intp)
    return groups


def _reduced(image: Pixels) -> NDArray[np.float32]:
    """Centre the grey values of an image's areas; their length is 1."""
    grey = Image.fromarray(image).convert("L").resize((SIDE, SIDE), Image.Resampling.BOX)
    values = np.asarray(grey, dtype=np.float32).ravel()
    values -= values.mean()
    length = float(np.linalg.norm(values))
    return values / length if length else values


def _pairs(reduced: NDArray[np.float32], least: float) -> Iterator[NDArray[np.intp]]:
    """Find the pairs that correlate, block by block."""
    for start in range(0, len(reduced), BLOCK):
        alike = reduced[start : start + BLOCK] @ reduced.T >= least - SLACK
        first, second = alike.nonzero()
        later = second > first + start
        yield np.stack([first[later] + start, second[later]])
