"""Where the file of an assembly is: put into its folder, in a mirror, or fetched once."""

from dataclasses import dataclass
from pathlib import Path

import pooch

from stages.core.run.errors import InputError
from stages.core.run.fetch import cache_folder, retrieve
from stages.core.run.files import read_json
from stages.core.run.settings import read_settings

LISTING = "assembly.json"


@dataclass(frozen=True)
class Listed:
    """A file of a public store.

    Attributes
    ----------
    file : str
    store : str
        Address of the folder that it is published in.
    sha1 : str
    """

    file: str
    store: str
    sha1: str


def assembly_file(raw: Path) -> Path:
    """Find the file that a dataset's folder holds, or that its `assembly.json` lists.

    The file in the folder itself comes first, then that of CONCORD_DATA_MIRROR, in a folder of the
    same name; without either it is fetched once into CONCORD_CACHE. CONCORD_STORE names another
    address than the public store's.

    Raises
    ------
    InputError
        If there is none, or it is not the published one.
    """
    here = sorted(raw.glob("*.nc"))
    if len(here) > 1:
        raise InputError("several assemblies", where=raw, expected="one file", got=here)
    if here and not (raw / LISTING).is_file():
        return here[0]
    listed = read_listing(raw / LISTING)
    if here:
        return _checked(here[0], listed)
    settings = read_settings()
    if settings.data_mirror is not None:
        return _checked(settings.data_mirror / raw.name / listed.file, listed)
    return retrieve(
        f"{settings.store or listed.store}/{listed.file}",
        f"sha1:{listed.sha1}",
        cache_folder() / "assemblies" / listed.file,
        changed="Try again: it was cut or changed on its way.",
        absent=f"Check the network, or put {listed.file} into the dataset's folder of data/raw.",
    )


def read_listing(path: Path) -> Listed:
    """Read an `assembly.json`.

    Raises
    ------
    InputError
        If it is missing or wrong.
    """
    content = read_json(path, f"Put the dataset's .nc file into {path.parent}.")
    try:
        return Listed(**content)
    except TypeError as error:
        raise InputError("wrong listing", where=path, got=error) from error


def _checked(path: Path, listed: Listed) -> Path:
    if not path.is_file():
        do = "Put it there, or unset CONCORD_DATA_MIRROR to have it fetched."
        raise InputError("file not found", where=path, do=do)
    found = pooch.file_hash(path, alg="sha1")
    if found != listed.sha1:
        do = f"Take the file called {listed.file} of {listed.store}."
        raise InputError("wrong checksum", where=path, expected=listed.sha1, got=found, do=do)
    return path
