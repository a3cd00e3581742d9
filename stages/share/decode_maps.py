"""Decoding in the volume: r of every feature, and the weights that read it."""

from pathlib import Path

import nibabel
import numpy as np
import pandas as pd

from stages.core.names.features import family, feature_type
from stages.core.recording.types import Subject
from stages.core.run.errors import InputError
from stages.core.run.files import require_file
from stages.share.derivative_folder import Derivative
from stages.share.image_files import write_legend, write_map, write_mask
from stages.share.painted_voxels import Array, voxels_of
from stages.share.tsv_tables import meanings

DO = "Run `dvc repro decode`."
DESC = "decode"
VOLUMES = "; a volume per feature, named by the .tsv beside it"


def write_decoding(made: Derivative, subject: Subject, table: pd.DataFrame, maps: Path) -> None:
    """Write a map of r per feature, a map of weights per feature, and where there are any."""
    rows = table[(table["kind"] == "frem") & (table["metric"] == "r")]
    if rows.empty:
        return
    features = list(dict.fromkeys(rows["target"]))
    scores = spread_features(subject, rows, features)
    legend = legend_of(features)
    inside = np.asarray(np.isfinite(scores).any(axis=1))
    write_mask(made, subject, inside, DESC, "Where features were decoded from")
    _write(made, subject, scores, legend, ("r", "Held-out r of decoding from the voxel's region"))
    weights, legend = read_weights(subject, maps)
    _write(made, subject, weights, legend, ("weight", "Weights of the decoders"))


def spread_features(subject: Subject, rows: pd.DataFrame, features: list[str]) -> Array:
    """Give every voxel the scores of its region, shape (n_targets, n_features).

    Raises
    ------
    InputError
        If a region and feature have two scores, or the subject has no such region.
    """
    where = f"decode, subject {subject.name}"
    if rows.duplicated(["region", "target"]).any():
        raise InputError("two values of one place", where=where)
    unknown = set(rows["region"]) - set(subject.targets["region"])
    if unknown:
        raise InputError("value of an unknown place", where=where, got=min(unknown))
    wide = rows.pivot_table("score", "region", "target")
    wide = wide.reindex(index=subject.targets["region"], columns=features)
    return wide.to_numpy(np.float64)


def legend_of(features: list[str]) -> pd.DataFrame:
    """Say which feature each volume is."""
    return pd.DataFrame(
        {
            "volume": range(len(features)),
            "feature": features,
            "type": [feature_type(feature) for feature in features],
            "family": [family(feature) for feature in features],
        }
    )


def read_weights(subject: Subject, maps: Path) -> tuple[Array, pd.DataFrame]:
    """Read what decode wrote: weights at every target, shape (n_targets, n_features), and legend.

    Raises
    ------
    InputError
        If a file is missing, or the image is not on the grid of the recording.
    """
    path = require_file(maps / f"{subject.name}.nii.gz", DO)
    listed = require_file(maps / f"{subject.name}.tsv", DO)
    image = nibabel.load(path)
    legend = pd.read_csv(listed, sep="\t", keep_default_na=False)
    shape = (*(subject.shape or ()), len(legend))
    if image.shape != shape or not np.allclose(image.affine, np.array(subject.affine), atol=1e-4):
        raise InputError("map on another grid", where=path, expected=shape, got=image.shape, do=DO)
    values = np.asarray(image.dataobj)[tuple(voxels_of(subject).T)]
    return values.astype(float), legend


def _write(
    made: Derivative, subject: Subject, values: Array, legend: pd.DataFrame, what: tuple[str, str]
) -> None:
    stat, text = what
    about = {
        "Description": text + VOLUMES,
        "Statistic": stat,
        "Mask": made.image(subject.name, "mask", ".nii.gz", desc=DESC).name,
    } | meanings(legend, "legend")
    write_map(made, subject, values, stat=stat, desc=DESC, about=about)
    write_legend(made, subject, legend, stat=stat, desc=DESC)
