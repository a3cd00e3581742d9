"""Images of a subject, each with the JSON beside it."""

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd
from nibabel import Nifti1Image
from numpy.typing import NDArray

from stages.core.recording.types import Subject
from stages.core.run.files import write_json
from stages.share.derivative_folder import Derivative
from stages.share.painted_voxels import (
    ALIGNED,
    STANDARD,
    Array,
    paint,
    paint_labels,
    paint_mask,
    region_legend,
)
from stages.share.saved_images import save_image
from stages.share.tsv_tables import meanings, write_tsv


def write_map(
    made: Derivative,
    subject: Subject,
    values: Array,
    *,
    stat: str,
    desc: str,
    about: Mapping[str, Any],
) -> None:
    """Write a map of a number per target.

    Parameters
    ----------
    made : Derivative
    subject : Subject
    values : ndarray, shape (n_targets,) or (n_targets, n_maps)
        NaN where nothing is known.
    stat, desc : str
        Labels of the number and of what it is of.
    about : mapping
        What the sidecar says besides.
    """
    image = paint(subject, values, code_of(made))
    _save(made, subject.name, image, about, suffix="statmap", stat=stat, desc=desc)


def write_mask(
    made: Derivative, subject: Subject, inside: NDArray[np.bool_], desc: str, text: str
) -> None:
    """Write which voxels are inside, 1 or 0."""
    image = paint_mask(subject, inside, code_of(made))
    about = {"Type": "ROI", "Description": text}
    _save(made, subject.name, image, about, suffix="mask", desc=desc)


def write_regions(made: Derivative, subject: Subject, numbers: Mapping[str, int]) -> None:
    """Write which region every voxel belongs to, and the names of the regions."""
    desc = made.describe("regions", "Regions of the recording")
    legend = region_legend(subject, numbers)
    values = np.array([numbers[name] for name in subject.targets["region"]], dtype=np.float64)
    about = {"Description": made.described[desc]} | meanings(legend, "legend")
    image = paint_labels(subject, values, code_of(made))
    _save(made, subject.name, image, about, suffix="dseg", desc=desc)
    write_tsv(made.image(subject.name, "dseg", ".tsv", desc=desc), legend)


def write_legend(made: Derivative, subject: Subject, legend: pd.DataFrame, **entities: str) -> None:
    """Write which feature each volume of a map is, beside it."""
    write_tsv(made.image(subject.name, "statmap", ".tsv", **entities), legend)


def code_of(made: Derivative) -> int:
    """Code of NIfTI for the space of the recording."""
    return STANDARD if made.space.standard else ALIGNED


def _save(
    made: Derivative, name: str, image: Nifti1Image, about: Mapping[str, Any], **named: str
) -> None:
    """Save an image of a subject, named by its suffix and entities."""
    suffix = named.pop("suffix")
    save_image(image, made.image(name, suffix, ".nii.gz", **named), ".nii.gz")
    shared = {"SkullStripped": True, "SpatialReference": made.space.reference}
    write_json(made.image(name, suffix, ".json", **named), dict(about) | shared)
