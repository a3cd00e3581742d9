"""Opening images: what is no image is said to be what it is."""

import math
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import nibabel
import numpy as np
from nibabel.dataobj_images import DataobjImage
from numpy.typing import NDArray

from stages.core.run.errors import InputError
from stages.core.run.files import check_claim, require_file

# How git-annex names what stands where it has not fetched a file, in links and in small texts.
ANNEX = ("/annex/objects/", ".git/annex/", "\\annex\\objects\\")
LONGEST_POINTER = 32768  # bytes
MOST_VOXELS = 2**26  # of one volume; MNI152 at half a millimetre has 58 million
POINTER, GET = "a git-annex pointer", "Run `datalad get` there."
OBTAIN = "Obtain the file again from where it came."


def require_image(path: Path) -> Path:
    """Return `path` if it is a real file.

    Raises
    ------
    InputError
        If it is missing or empty, or stands for a file that is not here.
    """
    target = str(path.readlink()) if path.is_symlink() else ""
    if target and not path.exists():
        annexed = any(sign in target for sign in ANNEX)
        got, do = (POINTER, GET) if annexed else (f"a broken link to {target}", OBTAIN)
        raise InputError("not an image", where=path, got=got, do=do)
    require_file(path, OBTAIN)
    if path.stat().st_size <= LONGEST_POINTER:
        head = path.read_bytes()[:512].decode("utf-8", errors="replace").partition("\n")[0]
        if any(sign in head for sign in ANNEX):
            raise InputError("not an image", where=path, got=POINTER, do=GET)
    return path


def open_image(path: Path) -> Any:
    """Open an image of any format that nibabel knows; what it holds may still be on disk.

    Raises
    ------
    InputError
        If it is missing or damaged, or no image; or claims more than its file can hold, or volumes
        of more than `MOST_VOXELS`.
    """
    require_image(path)
    with readable(path):
        image = nibabel.load(path)
    if isinstance(image, DataobjImage):
        shape = [int(length) for length in image.shape]
        claimed = math.prod(shape) * image.get_data_dtype().itemsize
        check_claim(claimed, path, path, OBTAIN)
        if isinstance(image, nibabel.Nifti1Image) and math.prod(shape[:3]) > MOST_VOXELS:
            expected, got = f"at most {MOST_VOXELS} voxels", " × ".join(map(str, shape[:3]))
            raise InputError("huge volume", where=path, expected=expected, got=got)
    return image


def affine_of(image: Any, path: Path) -> NDArray[np.float64]:
    """Where the voxels of a NIfTI image are: from their indices to mm, shape (4, 4).

    Raises
    ------
    InputError
        If its header does not say: nibabel would take the middle of the image for the origin.
    """
    codes = [int(image.header[code]) for code in ("sform_code", "qform_code")]
    if not any(codes):
        raise InputError(
            "voxels without a place",
            where=path,
            expected="sform_code or qform_code above 0",
            got="both 0",
            do="Write the file anew, with the affine of the image that it was made of.",
        )
    affine: NDArray[np.float64] = image.affine
    return affine


@contextmanager
def readable(path: Path) -> Iterator[None]:
    """Say of whatever is raised inside that the image cannot be read."""
    try:
        yield
    except InputError:
        raise
    except Exception as error:  # what nibabel raises depends on where the damage is
        what = "truncated or unreadable image"
        raise InputError(what, where=path, got=error, do=OBTAIN) from error
