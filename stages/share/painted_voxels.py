"""Values of regions and voxels, painted into the volume of a subject."""

from collections.abc import Iterable, Mapping, Sequence

import numpy as np
import pandas as pd
from nibabel import Nifti1Image
from numpy.typing import NDArray

from stages.core.recording.types import Subject
from stages.core.run.errors import InputError

Array = NDArray[np.float64]
Ints = NDArray[np.intp]
# Of NIfTI: which space the affine leads to.
ALIGNED, STANDARD = 2, 4


def is_dense(subject: Subject) -> bool:
    """Whether a subject's targets are grayordinates, whose structures are known."""
    return "structure" in subject.targets


def has_voxels(subject: Subject) -> bool:
    """Whether a subject's targets are voxels of a volume that is known, and not grayordinates."""
    known = subject.affine is not None and subject.shape is not None and not is_dense(subject)
    return known and bool(subject.targets[["i", "j", "k"]].notna().all(axis=None))


def voxels_of(subject: Subject) -> Ints:
    """Find the indices of every target in the volume, shape (n_targets, 3).

    Raises
    ------
    InputError
        If a voxel lies outside the volume, or there twice.
    """
    voxels = subject.targets[["i", "j", "k"]].to_numpy(np.intp)
    where = f"subject {subject.name}"
    outside = ((voxels < 0) | (voxels >= np.array(subject.shape))).any(axis=1)
    if outside.any():
        got = voxels[outside][0].tolist()
        raise InputError("voxel outside the volume", where=where, expected=subject.shape, got=got)
    if len(np.unique(voxels, axis=0)) < len(voxels):
        raise InputError("two targets in one voxel", where=where)
    return voxels


def spread(subject: Subject, rows: pd.DataFrame, column: str) -> Array:
    """Give every target its value: its own where rows have targets, else its region's.

    Parameters
    ----------
    subject : Subject
    rows : DataFrame
        Columns region, target (empty for regions) and the one asked for; a row for each.
    column : str

    Returns
    -------
    ndarray, shape (n_targets,)
        NaN where nothing is known.

    Raises
    ------
    InputError
        If a region or target has two rows, or the subject has none of that name.
    """
    own = bool((rows["target"] != "").any())
    names = rows["target" if own else "region"]
    here = subject.targets["id" if own else "region"]
    if names.duplicated().any():
        got = names[names.duplicated()].iloc[0]
        raise InputError("two values of one place", where=f"subject {subject.name}", got=got)
    unknown = ~names.isin(here)
    if unknown.any():
        got = names[unknown].iloc[0]
        raise InputError("value of an unknown place", where=f"subject {subject.name}", got=got)
    values = dict(zip(names, rows[column].astype(float), strict=True))
    return here.map(values).to_numpy(float)


def paint(subject: Subject, values: Array, code: int) -> Nifti1Image:
    """Put values of all targets in the volume, 0 where there is none.

    Parameters
    ----------
    subject : Subject
        That `has_voxels`.
    values : ndarray, shape (n_targets,) or (n_targets, n_maps)
        NaN where nothing is known.
    code : {2, 4}
        `ALIGNED`, or `STANDARD` where the affine leads to that of a template.

    Returns
    -------
    Nifti1Image
        Float32, of three dimensions, or four where there are several maps.
    """
    volume = np.zeros((*(subject.shape or ()), *values.shape[1:]), dtype=np.float32)
    volume[tuple(voxels_of(subject).T)] = np.nan_to_num(values)
    return _image(volume, subject, code)


def paint_labels(subject: Subject, numbers: Array, code: int) -> Nifti1Image:
    """Put whole numbers in the volume, 0 where there is none (NaN), as int16."""
    volume = np.zeros(subject.shape or (), dtype=np.int16)
    volume[tuple(voxels_of(subject).T)] = np.nan_to_num(numbers)
    return _image(volume, subject, code)


def paint_mask(subject: Subject, inside: NDArray[np.bool_], code: int) -> Nifti1Image:
    """Put 1 where a target is inside, as uint8."""
    volume = np.zeros(subject.shape or (), dtype=np.uint8)
    volume[tuple(voxels_of(subject).T)] = inside
    return _image(volume, subject, code)


def _image(volume: NDArray[np.generic], subject: Subject, code: int) -> Nifti1Image:
    image = Nifti1Image(volume, subject.affine)
    image.set_sform(subject.affine, code)
    image.set_qform(subject.affine, code, strip_shears=True)
    image.header.set_xyzt_units("mm")
    return image


def region_numbers(subjects: Sequence[Subject], others: Iterable[str] = ()) -> dict[str, int]:
    """Give the regions of all subjects, and others, numbers from 1 in the order of their names."""
    names = {str(name) for subject in subjects for name in subject.targets["region"]} | set(others)
    return {name: number for number, name in enumerate(sorted(names), start=1)}


def region_legend(subject: Subject, numbers: Mapping[str, int]) -> pd.DataFrame:
    """List the regions of a subject: index, name, hemisphere and voxels of each."""
    names = subject.targets["region"]
    sides = subject.targets.groupby("region")["hemisphere"].unique()
    present = [name for name in numbers if (names == name).any()]
    return pd.DataFrame(
        {
            "index": [numbers[name] for name in present],
            "name": present,
            "hemisphere": ["/".join(side for side in sorted(sides[n]) if side) for n in present],
            "voxels": [int((names == name).sum()) for name in present],
        }
    )
