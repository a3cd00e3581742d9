"""Volumes of a NIfTI file one after the other, each read once, compressed or not."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import nibabel
import numpy as np
from nibabel.openers import ImageOpener
from numpy.typing import NDArray

from stages.core.run.errors import InputError
from stages.prepare.series.opened_images import affine_of, open_image, readable

REST = 1 << 20  # bytes


@dataclass(frozen=True)
class VolumeFile:
    """What the header of a 4-D NIfTI says.

    Attributes
    ----------
    path : Path
    shape : tuple of int
        Dimensions of one volume.
    n_volumes : int
    affine : ndarray, shape (4, 4)
        From voxel indices to mm.
    dtype : dtype
        Of the numbers in the file.
    offset : int
        Bytes before the first.
    slope, inter : float
        What they are multiplied by, and what is added then.
    """

    path: Path
    shape: tuple[int, int, int]
    n_volumes: int
    affine: NDArray[np.float64]
    dtype: np.dtype
    offset: int
    slope: float
    inter: float


def open_volumes(path: Path) -> VolumeFile:
    """Read the header of a 4-D NIfTI.

    Raises
    ------
    InputError
        If it is missing or damaged, no NIfTI, not of four dimensions, without a place, or not of
        real numbers.
    """
    image = open_image(path)
    if not isinstance(image, nibabel.Nifti1Image):
        got = type(image).__name__
        raise InputError("not a volume", where=path, expected=".nii or .nii.gz", got=got)
    header = image.header
    shape, dtype = image.shape, header.get_data_dtype()
    if len(shape) != 4 or 0 in shape:
        raise InputError("wrong shape", where=path, expected="x, y, z, time", got=shape)
    if dtype.kind not in "iuf":
        raise InputError("wrong kind of numbers", where=path, expected="real", got=dtype)
    slope, inter = image.dataobj.slope, image.dataobj.inter
    offset, affine = int(image.dataobj.offset), affine_of(image, path)
    return VolumeFile(path, shape[:3], shape[3], affine, dtype, offset, float(slope), float(inter))


def volumes(file: VolumeFile) -> Iterator[NDArray[np.generic]]:
    """Numbers of each volume as in the file, flat, the first axis the fastest.

    Raises
    ------
    InputError
        If the file ends too early, or what it holds is damaged.
    """
    size = int(np.prod(file.shape)) * file.dtype.itemsize
    with readable(file.path), ImageOpener(file.path) as stream:
        stream.seek(file.offset)
        for number in range(file.n_volumes):
            raw = stream.read(size)
            if len(raw) < size:
                raise InputError(
                    "truncated image",
                    where=file.path,
                    expected=f"{file.n_volumes} volumes",
                    got=f"{number} and a part",
                )
            yield np.frombuffer(raw, dtype=file.dtype)
        while stream.read(REST):  # the end of a compressed file tells whether it is undamaged
            pass


def scaled(numbers: NDArray[np.generic], file: VolumeFile) -> NDArray[np.float64]:
    """Values that numbers of the file stand for."""
    values: NDArray[np.float64] = numbers.astype(np.float64) * file.slope + file.inter
    return values
