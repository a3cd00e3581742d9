"""The regions of NSD's voxels by name, and of areas of HCP-MMP1 the Yeo-7 network of each."""

import logging
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import nibabel
import numpy as np
import pandas as pd
from numpy.typing import NDArray

from stages.core.names.areas import network_of, purity_of
from stages.core.names.nsd_regions import HCP, full_name, names_in
from stages.core.run.errors import InputError, did_you_mean
from stages.core.run.files import read_utf8, require_file
from stages.core.stats.averaged_noise import noise_ceiling
from stages.prepare.nsd.packed_files import unpacked
from stages.prepare.nsd.tree import OBTAIN, Tree
from stages.prepare.subjects import select_regions
from stages.prepare.usable_targets import target_table

logger = logging.getLogger("concord.prepare")

# Numbers that are no area: outside the cortex of the hemisphere, and cortex without a name.
OUTSIDE = -1
UNKNOWN = 0


@dataclass(frozen=True)
class Volume:
    """A volume of numbers.

    Attributes
    ----------
    numbers : ndarray, shape (x, y, z)
    affine : ndarray, shape (4, 4)
        From voxel indices counted from 0 to millimetres.
    """

    numbers: NDArray[np.float32]
    affine: NDArray[np.float64]


def read_volume(path: Path) -> Volume:
    """Read a volume, `.nii.gz`.

    Raises
    ------
    InputError
        If the file is missing or damaged, or has not three dimensions.
    """
    require_file(path, OBTAIN)
    try:
        image = nibabel.Nifti1Image.from_bytes(unpacked(path))
        numbers = np.asarray(image.dataobj, dtype=np.float32)
    except Exception as error:  # what nibabel raises depends on where the damage is
        raise InputError(
            "truncated or unreadable NIfTI", where=path, got=error, do=OBTAIN
        ) from error
    if numbers.ndim != 3:
        raise InputError("wrong shape", where=path, expected="x, y, z", got=numbers.shape)
    return Volume(numbers, image.affine)


def read_names(path: Path, atlas: str = HCP) -> dict[int, str]:
    """Full name of each region by its number, from a colour table.

    Raises
    ------
    InputError
        If a line is not a number and a name, or the atlas has no such region.
    """
    names: dict[int, str] = {}
    for number, line in enumerate(read_utf8(path, OBTAIN).splitlines(), start=1):
        parts = line.split()
        if not parts:
            continue
        if not _is_new(parts, names):
            raise InputError(
                "wrong colour table",
                where=f"{path}, line {number}",
                expected="a new number and a new name",
                got=repr(line),
            )
        names[int(parts[0])] = parts[1]
    names.pop(UNKNOWN, None)
    for name in names.values():
        if name not in names_in(atlas):
            do = did_you_mean(name, names_in(atlas))
            raise InputError(f"no region of {atlas}", where=path, got=repr(name), do=do)
    return {number: full_name(atlas, name) for number, name in names.items()}


def _is_new(parts: Sequence[str], names: dict[int, str]) -> bool:
    """Whether a line has a number and a name, neither of which came before."""
    if len(parts) < 2 or not (parts[0].isascii() and parts[0].isdigit()):
        return False
    return int(parts[0]) not in names and parts[1] not in names.values()


def read_targets(
    tree: Tree,
    subject: str,
    names: dict[int, str],
    regions: Literal["all"] | list[str],
    repeats: NDArray[np.integer],
) -> tuple[pd.DataFrame, Volume]:
    """Targets of a subject: the voxels of the regions asked for, region by region.

    Parameters
    ----------
    tree : Tree
    subject : str
    names : dict of int to str
        Full names of the regions by number.
    regions : list of str, or `all`
        As the release spells them.
    repeats : ndarray of int, shape (n_images,)
        Trials averaged per image, for the ceilings.

    Returns
    -------
    DataFrame
        As in the recording, with columns `network`, `purity` and `ncsnr` besides.
    Volume
        Area numbers of the left hemisphere's voxels, for the size and place of the volume.

    Raises
    ------
    InputError
        If a volume is damaged, of another shape than the others or not of this atlas, or a
        region is not known.
    """
    left, right = (read_volume(tree.regions(subject, side)) for side in ("lh", "rh"))
    ratio = read_volume(tree.ncsnr(subject))
    for path, volume in (
        (tree.regions(subject, "rh"), right),
        (tree.ncsnr(subject), ratio),
    ):
        if volume.numbers.shape != left.numbers.shape:
            raise InputError(
                "other shape than the regions of the left hemisphere",
                where=path,
                expected=left.numbers.shape,
                got=volume.numbers.shape,
            )
    if not np.allclose(left.affine, right.affine, atol=1e-3):
        raise InputError(
            "another place than the regions of the left hemisphere",
            where=tree.regions(subject, "rh"),
            expected=f"affine {np.round(left.affine[:3].ravel(), 2).tolist()}",
            got=np.round(right.affine[:3].ravel(), 2).tolist(),
            do=OBTAIN,
        )
    if (ratio.numbers < 0).any():
        got = f"{np.nanmin(ratio.numbers):g}"
        where = tree.ncsnr(subject)
        raise InputError("negative signal", where=where, expected="0 or more", got=got, do=OBTAIN)
    targets = label_voxels(left.numbers, right.numbers, names, str(tree.regions(subject, "*")))
    asked = regions if regions == "all" else [full_name(tree.atlas, one) for one in regions]
    targets = targets[targets["region"].isin(select_regions(asked, list(names.values())))]
    ncsnr = ratio.numbers[tuple(targets[axis].to_numpy(np.int64) for axis in "ijk")]
    targets = targets.assign(ncsnr=ncsnr.astype(float), ceiling=noise_ceiling(ncsnr, repeats))
    return _known(targets, subject), left


def label_voxels(
    left: NDArray[np.float32], right: NDArray[np.float32], names: dict[int, str], where: str
) -> pd.DataFrame:
    """Table of the voxels in a named area, by area, hemisphere, and index.

    Networks are those of the area in the voxel's hemisphere. A voxel that both hemispheres claim is
    the left one's, as in the volume of both.

    Raises
    ------
    InputError
        If a number is not whole, or has no name.
    """
    given = np.where(left != OUTSIDE, left, right)
    between = np.abs(given - given.round()) > 1e-3
    if between.any():
        got = f"{given[between][0]:g}"
        raise InputError("region number that is not whole", where=where, got=got, do=OBTAIN)
    numbers = given.round().astype(np.int64)
    unknown = set(np.unique(numbers)) - {OUTSIDE, UNKNOWN, *names}
    if unknown:
        raise InputError(
            "unknown region number",
            where=where,
            expected=f"-1 to {max(names)}",
            got=min(unknown),
        )
    voxels = np.argwhere(numbers > UNKNOWN)
    place = tuple(voxels.T)
    on_right = left[place] == OUTSIDE
    order = np.lexsort((on_right, numbers[place]))
    voxels, regions = voxels[order], [names[number] for number in numbers[place][order]]
    sides = np.where(on_right[order], "R", "L").tolist()
    table = target_table([f"{x}.{y}.{z}" for x, y, z in voxels], regions, sides, voxels)
    places = list(zip(regions, sides, strict=True))
    networks = [network_of(region, side) or "" for region, side in places]
    purities = [purity_of(region, side) for region, side in places]
    return table.assign(network=networks, purity=purities)


def _known(targets: pd.DataFrame, subject: str) -> pd.DataFrame:
    """Drop the voxels whose signal-to-noise ratio is not known, and log how many."""
    known = targets["ceiling"].notna()
    if not known.all():
        logger.info(
            "%s: %d of %d voxels dropped, without a noise ceiling",
            *(subject, int((~known).sum()), len(targets)),
        )
    if not known.any():
        raise InputError("no usable voxel", where=f"{subject}, regions asked for")
    return targets[known].reset_index(drop=True)
