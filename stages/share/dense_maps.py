"""Values of a person's grayordinates: CIFTI of vertices of the cortex and of voxels below it."""

from collections.abc import Mapping
from pathlib import Path

import numpy as np
from nibabel import cifti2
from numpy.typing import NDArray

from stages.core.recording.types import Subject
from stages.core.run.errors import InputError
from stages.share.saved_images import save_image
from stages.share.surface_files import STRUCTURES, label_colours

NONE = -1  # index of CIFTI where it means nothing


def dense_axis(subject: Subject, size: int) -> cifti2.BrainModelAxis:
    """Say where every target lies, in their order.

    Parameters
    ----------
    subject : Subject
        That `is_dense`.
    size : int
        Vertices of the mesh of a hemisphere.

    Raises
    ------
    InputError
        If a structure comes twice, with others between, or a voxel lies outside the volume.
    """
    targets = subject.targets
    structures = targets["structure"].to_numpy(str)
    where = f"subject {subject.name}"
    begins = np.flatnonzero(np.r_[True, structures[1:] != structures[:-1]])
    if len(set(structures[begins])) < len(begins):
        raise InputError("structure in several pieces", where=where, do="Run `dvc repro`.")
    on_mesh = targets["i"].isna().to_numpy(bool)
    vertex = np.full(len(targets), NONE)
    vertex[on_mesh] = targets.loc[on_mesh, "id"].str[2:].astype(int)
    voxel = np.full((len(targets), 3), NONE)
    voxel[~on_mesh] = targets.loc[~on_mesh, ["i", "j", "k"]].to_numpy(int)
    grid = {} if on_mesh.all() else {"affine": subject.affine, "volume_shape": subject.shape}
    if grid and (subject.shape is None or (voxel[~on_mesh] >= np.array(subject.shape)).any()):
        raise InputError("voxel outside the volume", where=where, expected=subject.shape)
    meshes = {name: size for name in STRUCTURES.values() if name in structures}
    return cifti2.BrainModelAxis(structures, voxel, vertex, **grid, nvertices=meshes)


def write_dense(
    path: Path, axis: cifti2.BrainModelAxis, maps: Mapping[str, NDArray[np.floating]]
) -> None:
    """Write maps of all targets as `.dscalar.nii`, by name, 0 where nothing is known."""
    values = np.nan_to_num(np.stack(list(maps.values()))).astype(np.float32)
    image = cifti2.Cifti2Image(values, header=(cifti2.ScalarAxis(list(maps)), axis))
    _save(image, "ConnDenseScalar", path, ".dscalar.nii")


def write_dense_regions(
    path: Path, axis: cifti2.BrainModelAxis, subject: Subject, numbers: Mapping[str, int]
) -> None:
    """Write which region every target belongs to as `.dlabel.nii`."""
    keys = subject.targets["region"].map(dict(numbers)).to_numpy(np.float32)
    names = cifti2.LabelAxis(["regions"], [label_colours(numbers)])
    image = cifti2.Cifti2Image(keys[None], header=(names, axis))
    _save(image, "ConnDenseLabel", path, ".dlabel.nii")


def _save(image: cifti2.Cifti2Image, intent: str, path: Path, extension: str) -> None:
    image.nifti_header.set_intent(intent)
    image.update_headers()
    save_image(image, path, extension)
