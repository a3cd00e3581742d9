"""Maps of decoder weights, as NIfTI that any viewer lays over the subject's brain."""

from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
import pandas as pd
from nibabel import Nifti1Image
from nibabel import save as save_image
from numpy.typing import NDArray

from stages.core.names.features import family, feature_type
from stages.core.recording.regions import Columns
from stages.core.recording.types import Subject
from stages.core.run.files import atomic

Array = NDArray[np.float64]


def weight_image(
    subject: Subject, columns: Mapping[str, Columns], weights: Mapping[str, Array]
) -> Nifti1Image:
    """Put the weights of all regions of a subject in its volume, one volume per feature.

    Parameters
    ----------
    subject : Subject
        With an affine and the dimensions of its volume.
    columns : mapping of str to ndarray
        Columns of each region.
    weights : mapping of str to ndarray, shape (n_voxels, n_features)

    Returns
    -------
    Nifti1Image
        Float32, shape (x, y, z, n_features), with the affine of the recording; 0 outside.
    """
    n_features = next(iter(weights.values())).shape[1]
    volume = np.zeros((*(subject.shape or ()), n_features), dtype=np.float32)
    for region, values in weights.items():
        voxels = subject.targets[["i", "j", "k"]].iloc[columns[region]].to_numpy(np.intp)
        volume[tuple(voxels.T)] = values
    image = Nifti1Image(volume, subject.affine)
    image.header.set_xyzt_units("mm")
    return image


def write_maps(folder: Path, name: str, image: Nifti1Image, features: Sequence[str]) -> None:
    """Write `<name>.nii.gz`, and `<name>.tsv` that says which feature each volume is."""
    legend = pd.DataFrame(
        {
            "volume": range(len(features)),
            "feature": list(features),
            "type": [feature_type(feature) for feature in features],
            "family": [family(feature) for feature in features],
        }
    )
    with atomic(folder / f"{name}.tsv") as partial:
        legend.to_csv(partial, sep="\t", index=False)
    with atomic(folder / f"{name}.nii.gz") as partial:
        whole = partial.with_suffix(".nii.gz")
        save_image(image, whole)
        whole.replace(partial)
