"""The files of the Wehbe release: its MATLAB structures, and their traps."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from stages.core.names.aal import AAL_NAMES, NOT_LABELLED
from stages.simulate.story.annotation import Block
from stages.simulate.story.brain import AFFINE, VOXEL_SIZE, Anatomy
from stages.simulate.story.timetable import WORD_SECONDS, volume_times, word_times

Objects = NDArray[np.object_]


def subject_variables(
    number: int, data: NDArray[np.float32], anatomy: Anatomy, texts: Sequence[str], n_voxels: int
) -> dict[str, Any]:
    """Arrange the variables of `subject_<number>.mat`.

    Parameters
    ----------
    number : int
    data : ndarray, shape (n_volumes, n_columns)
    anatomy : Anatomy
        Of the columns of `data`.
    texts : sequence of str
        The words as shown.
    n_voxels : int
        What `meta` claims; in the release it is not always the number of columns.
    """
    volumes = volume_times()
    return {
        "data": data,
        "time": np.column_stack([volumes["onset"], volumes["run"]]).astype(float),
        "words": _words(texts),
        "meta": _meta(number, len(data), anatomy, n_voxels),
    }


def feature_variables(blocks: Sequence[Block]) -> dict[str, Any]:
    """Arrange the variable of `story_features.mat`: counts as uint8, norms as float64.

    The names of a block are a cell, but for Word_Num, where they are a plain text.
    """
    features = np.empty((1, len(blocks)), dtype=[(n, object) for n in ("type", "names", "values")])
    for index, block in enumerate(blocks):
        names = block.names[0] if block.kind == "Word_Num" else _cell(block.names)
        values = block.values if block.kind == "NNSE" else block.values.astype(np.uint8)
        features[0, index] = (block.kind, names, values)
    return {"features": features}


def _cell(texts: Sequence[str]) -> Objects:
    """Make a 1 × n cell of texts."""
    cell = np.empty((1, len(texts)), dtype=object)
    cell[0, :] = texts
    return cell


def _words(texts: Sequence[str]) -> NDArray[Any]:
    words = np.empty((1, len(texts)), dtype=[(n, object) for n in ("text", "start", "length")])
    for index, (text, start) in enumerate(zip(texts, word_times()["onset"], strict=True)):
        words[0, index] = (_cell([text]), float(start), WORD_SECONDS)
    return words


def _meta(number: int, n_volumes: int, anatomy: Anatomy, n_voxels: int) -> NDArray[Any]:
    """Make the 1 × 1 structure `meta`; several readers count on the order of its fields."""
    index = tuple(anatomy.coordinates.T - 1)
    columns, labels = np.zeros(anatomy.shape), np.zeros(anatomy.shape)
    columns[index] = np.arange(len(anatomy.labels)) + 1
    labels[index] = anatomy.labels
    fields = {
        "subject": float(number),
        "nTRs": float(n_volumes),
        "nvoxels": float(n_voxels),
        "dimx": float(anatomy.shape[0]),
        "dimy": float(anatomy.shape[1]),
        "dimz": float(anatomy.shape[2]),
        "colToCoord": anatomy.coordinates.astype(float),
        "coordToCol": columns,
        "colToROInum": anatomy.labels[None, :].astype(float),
        "coordToROInum": labels,
        "ROInumToName": _cell([*AAL_NAMES, NOT_LABELLED]),
        "voxel_size": np.full((1, 3), VOXEL_SIZE),
        "matrix": AFFINE,
    }
    meta = np.empty((1, 1), dtype=[(name, object) for name in fields])
    meta[0, 0] = tuple(fields.values())
    return meta
