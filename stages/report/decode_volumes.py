"""Weights of decoders as small volumes, of which a page draws slices.

Each person's maps are turned to the nearest order of right, front and top, cut to the box of the
voxels that have a weight, and rounded to 127 steps of the largest one.
"""

import zlib
from pathlib import Path
from typing import Any

import nibabel
import numpy as np
import pandas as pd
from nibabel.filebasedimages import ImageFileError
from numpy.typing import NDArray

from stages.core.results.results import read_results
from stages.core.run.errors import InputError
from stages.core.run.files import require_file
from stages.report.packed_tables import packed
from stages.report.volume_box import box_of

# Weights that a page of five megabytes holds, of all people together; one feature is always there.
MOST_WEIGHTS = 600_000
STEPS = 127
DO = "Run `dvc repro decode`."
Weights = NDArray[np.float32]


def read_volumes(maps: Path, decode: Path) -> dict[str, Any]:
    """Read the weights of the features that are read best, of every person.

    Parameters
    ----------
    maps : Path
        Folder of `<person>.nii.gz` and `<person>.tsv`, as decode writes them.
    decode : Path
        Results of decode.

    Returns
    -------
    dict
        features (names, the one that is read best first), of (how many were decoded) and people:
        name, shape, affine (of the box, from voxels to mm), inside (packed: 1 where there is a
        weight, the last axis changing first) and weights: for each feature top, the largest one,
        and the weights inside, packed in steps of top / 127. Empty where nothing was decoded.

    Raises
    ------
    InputError
        If a legend is missing, lacks a feature, or does not fit its maps.
    """
    paths = sorted(maps.glob("*.nii.gz"), key=lambda path: (len(path.name), path.name))
    ranked = rank_features(read_results(decode, "decode", DO))
    if not paths or not ranked:
        return {}
    boxes = [_read_box(path, ranked) for path in paths]
    features = ranked[: max(1, MOST_WEIGHTS // sum(len(weights) for _, weights in boxes))]
    people = [box | {"weights": _stepped(weights, len(features))} for box, weights in boxes]
    return {"features": features, "of": len(ranked), "people": people}


def rank_features(results: pd.DataFrame) -> list[str]:
    """Name decoded features by held-out r, mean over regions and people, the highest first."""
    rows = results[(results["kind"] == "frem") & (results["metric"] == "r")]
    means = rows.groupby("target", sort=False)["score"].mean()
    return [str(one) for one in means.sort_values(ascending=False, kind="stable").index]


def _read_box(path: Path, features: list[str]) -> tuple[dict[str, Any], Weights]:
    """Read a person's maps: the box, and weights inside, shape (n_voxels, n_features)."""
    name = path.name.removesuffix(".nii.gz")
    legend = require_file(path.with_name(f"{name}.tsv"), DO)
    listed = pd.read_csv(legend, sep="\t", keep_default_na=False)["feature"].tolist()
    lacking = sorted(set(features) - set(listed))
    if lacking:
        raise InputError("feature without a map", where=legend, expected=lacking[0], do=DO)
    volumes, affine = _read_map(path)
    if volumes.shape[3:] != (len(listed),):
        raise InputError(
            "maps that do not fit their legend",
            where=path,
            expected=f"{len(listed)} volumes, one for each line of {legend.name}",
            got=f"an image of shape {volumes.shape}",
            do=DO,
        )
    inside = np.asarray(volumes.any(axis=3))
    if not inside.any():
        raise InputError("maps without a weight", where=path, expected="one that is not 0", do=DO)
    box, affine = box_of(inside, affine)
    cut, inside = volumes[box], inside[box]
    about = {"name": name, "shape": list(inside.shape), "affine": affine[:3].round(4).tolist()}
    order = [listed.index(feature) for feature in features]
    return about | {"inside": packed(inside.astype(np.uint8))}, cut[inside][:, order]


def _read_map(path: Path) -> tuple[Weights, NDArray[np.float64]]:
    """Read an image, axes as near to right, front and top as they can be, and its affine."""
    try:
        image = nibabel.as_closest_canonical(nibabel.load(path))
        volumes = np.asarray(image.dataobj, np.float32)
    except (ImageFileError, OSError, EOFError, ValueError, zlib.error) as error:
        raise InputError("unreadable map", where=path, got=error, do=DO) from error
    if not np.isfinite(volumes).all():
        raise InputError("weights that are not finite", where=path, do=DO)
    return volumes, np.array(image.affine, float)


def _stepped(weights: Weights, features: int) -> list[dict[str, Any]]:
    """Round the weights of the first features, each to steps of its own."""
    made = []
    for column in weights.T[:features]:
        top = float(np.abs(column).max())
        steps = np.rint(column / (top or 1.0) * STEPS).astype(np.int8)
        made.append({"top": top} | packed(steps))
    return made
