"""Finding an atlas by its name, its file, or the folder that it is in."""

from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path

from stages.core.run.errors import InputError, did_you_mean
from stages.prepare.atlases.dense_labels import read_dlabel
from stages.prepare.atlases.label_meshes import hemisphere_pair, read_meshes
from stages.prepare.atlases.label_tables import space_of
from stages.prepare.atlases.label_volumes import read_dseg
from stages.prepare.atlases.packaged_meshes import (
    read_hcp_mmp1,
    read_hcp_mmp1_fsaverage,
    read_yeo,
    read_yeo_fsaverage,
)
from stages.prepare.atlases.packaged_volumes import read_aal, read_hcpex
from stages.prepare.atlases.region_atlas import Atlas
from stages.prepare.atlases.region_rows import some

# What an atlas is by the end of its file's name, and who reads it.
VOLUMES = (".nii.gz", ".nii")
MESHES = (".label.gii", ".annot")
GRAYORDINATES = ".dlabel.nii"
PATTERNS = ("*_dseg.nii.gz", "*_dseg.nii", "*.label.gii", "*.annot", "*.dlabel.nii")
PACKAGED: Mapping[str, Callable[[], Atlas]] = {
    "aal": read_aal,
    "hcpex": read_hcpex,
    "hcp-mmp1": read_hcp_mmp1,
    "hcp-mmp1-fsaverage": read_hcp_mmp1_fsaverage,
    "yeo-7": partial(read_yeo, 7),
    "yeo-17": partial(read_yeo, 17),
    "yeo-7-fsaverage": partial(read_yeo_fsaverage, 7),
    "yeo-17-fsaverage": partial(read_yeo_fsaverage, 17),
}


def load_atlas(name_or_path: str, folder: Path) -> Atlas:
    """Load an atlas.

    Parameters
    ----------
    name_or_path : str
        One of `PACKAGED`; or a file, or a folder that holds one atlas, from `folder` on.
    folder : Path

    Raises
    ------
    InputError
        If there is none, or several, or a file is damaged.
    """
    if name_or_path in PACKAGED:
        return PACKAGED[name_or_path]()
    path = folder / name_or_path
    if path.is_dir():
        path = only_atlas(path)
    elif not (path.exists() or path.is_symlink()):
        do = did_you_mean(name_or_path, PACKAGED)
        raise InputError("no such atlas", where=folder, got=repr(name_or_path), do=do)
    space = space_of(path.name)
    if path.name.endswith(GRAYORDINATES):
        return read_dlabel(path, space)
    if path.name.endswith(MESHES):
        return read_meshes(path, space)
    if path.name.endswith(VOLUMES):
        return read_dseg(path, folder, space)
    expected = ", ".join([*VOLUMES, *MESHES, GRAYORDINATES])
    raise InputError("not an atlas", where=path, expected=expected)


def only_atlas(folder: Path) -> Path:
    """Find the one atlas of a folder.

    Raises
    ------
    InputError
        If there is none, or several.
    """
    paths = {path for pattern in PATTERNS for path in folder.rglob(pattern)}
    found = sorted({hemisphere_pair(p)[0] if p.name.endswith(MESHES) else p for p in paths})
    if len(found) != 1:
        what = "several atlases" if found else "no atlas"
        got = some([str(path.relative_to(folder)) for path in found]) or "none"
        expected = f"one of {', '.join(PATTERNS)}"
        do = "Name one in bids.atlas."
        raise InputError(what, where=folder, expected=expected, got=got, do=do)
    return found[0]
