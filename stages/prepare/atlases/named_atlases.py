"""Finding an atlas by its name, its file, or the folder that it is in."""

from collections.abc import Callable, Mapping
from pathlib import Path

from stages.core.run.errors import InputError, did_you_mean
from stages.prepare.atlases.label_tables import space_of
from stages.prepare.atlases.label_volumes import read_dseg
from stages.prepare.atlases.region_atlas import Atlas
from stages.prepare.atlases.region_rows import some

# What an atlas may be in a folder.
PATTERNS = ("*_dseg.nii.gz", "*_dseg.nii")
PACKAGED: Mapping[str, Callable[[], Atlas]] = {}


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
    return read_dseg(path, folder, space_of(path.name))


def only_atlas(folder: Path) -> Path:
    """Find the one atlas of a folder.

    Raises
    ------
    InputError
        If there is none, or several.
    """
    found = sorted(path for pattern in PATTERNS for path in folder.rglob(pattern))
    if len(found) != 1:
        what = "several atlases" if found else "no atlas"
        got = some([str(path.relative_to(folder)) for path in found]) or "none"
        expected = f"one of {', '.join(PATTERNS)}"
        do = "Name one in bids.atlas."
        raise InputError(what, where=folder, expected=expected, got=got, do=do)
    return found[0]
