"""Raw files of public repositories: from a mirror folder, or downloaded, always checked."""

import logging
from dataclasses import dataclass
from pathlib import Path

import pooch

from stages.core.run.errors import InputError
from stages.core.run.files import read_json, require_file, sha256
from stages.core.run.settings import read_settings

logger = logging.getLogger("concord.fetch")


@dataclass(frozen=True)
class Source:
    """One file of a public repository.

    Attributes
    ----------
    name : str
        Path in a mirror folder.
    path : str
        Path in the repository.
    sha256 : str
        Digest of the file in the repository.
    """

    name: str
    path: str
    sha256: str


@dataclass(frozen=True)
class Sources:
    """Files of one repository at one revision."""

    repository: str
    revision: str
    files: tuple[Source, ...]


def read_sources(path: Path) -> Sources:
    """Read a `sources.json`.

    Raises
    ------
    InputError
        If the file is missing, or a key is missing or unknown.
    """
    content = read_json(path, "It belongs to the project: restore it with `git checkout`.")
    try:
        return Sources(
            content["repository"],
            content["revision"],
            tuple(Source(name, **entry) for name, entry in content["files"].items()),
        )
    except (KeyError, TypeError, AttributeError) as error:
        raise InputError("wrong sources", where=path, got=error) from error


def fetch(folder: Path) -> dict[str, Path]:
    """Find or download the files that `sources.json` in a folder lists.

    The environment variable CONCORD_DATA_MIRROR names a folder that holds them. Without it
    they are downloaded once into CONCORD_CACHE (default: the user's cache folder).
    CONCORD_GITHUB_RAW names another server than GitHub's.

    Returns
    -------
    dict of str to Path
        From the name in the mirror folder to the file.

    Raises
    ------
    InputError
        If a file is missing, cannot be downloaded, or has the wrong checksum.
    """
    sources = read_sources(folder / "sources.json")
    settings = read_settings()
    mirror, server = settings.data_mirror, settings.github_raw
    if mirror is not None:
        return {source.name: from_mirror(mirror, source) for source in sources.files}
    return {source.name: download(server, sources, source) for source in sources.files}


def held(folder: Path) -> dict[str, Path]:
    """Find the files that `sources.json` in a folder lists, downloading nothing.

    Returns
    -------
    dict of str to Path
        As `fetch`; empty, and a line in the log, if the mirror or the cache lacks one of them.

    Raises
    ------
    InputError
        If a file of the mirror has the wrong checksum.
    """
    sources = read_sources(folder / "sources.json")
    mirror = read_settings().data_mirror
    for source in sources.files:
        path = mirror / source.name if mirror else cached(sources, source)
        if not path.is_file() or (not mirror and sha256(path) != source.sha256):
            where = "CONCORD_DATA_MIRROR" if mirror else "the cache"
            logger.info("%s: not used: %s is not in %s", folder, source.name, where)
            return {}
    return fetch(folder)


def cache_folder() -> Path:
    """Folder of what is kept for all studies: CONCORD_CACHE, or the user's cache folder."""
    return read_settings().cache or Path(pooch.os_cache("concord"))


def cached(sources: Sources, source: Source) -> Path:
    """Where a downloaded file is kept."""
    return cache_folder() / sources.repository / sources.revision / source.path


def from_mirror(mirror: Path, source: Source) -> Path:
    """Check a file in a mirror folder and return its path."""
    do = f"Restore it in the mirror, or unset CONCORD_DATA_MIRROR (now {mirror}) to download it."
    path = require_file(mirror / source.name, do)
    found = sha256(path)
    if found != source.sha256:
        raise InputError("wrong checksum", where=path, expected=source.sha256, got=found, do=do)
    return path


def download(server: str, sources: Sources, source: Source) -> Path:
    """Return the cached copy of a file, downloading it first if there is none."""
    address = f"{server}/{sources.repository}/{sources.revision}/{source.path}"
    return retrieve(
        address,
        f"sha256:{source.sha256}",
        cached(sources, source),
        changed="The download was cut or changed on its way: try again, or set "
        "CONCORD_DATA_MIRROR to a folder that holds the file.",
        absent="Check the network and try again, or set CONCORD_DATA_MIRROR to a folder "
        f"that holds {source.name}.",
    )


def retrieve(address: str, digest: str, path: Path, *, changed: str, absent: str) -> Path:
    """Download a file, unless it is there already, and return its path.

    Parameters
    ----------
    address : str
    digest : str
        Of the file, with its algorithm in front, such as `sha256:`.
    path : Path
    changed, absent : str
        What to do about another file, and about none.

    Raises
    ------
    InputError
        If the file cannot be downloaded, or has the wrong checksum.
    """
    try:
        pooch.retrieve(address, digest, fname=path.name, path=path.parent)
    except ValueError as error:
        expected = digest.partition(":")[2]
        raise InputError(
            "wrong checksum", where=address, expected=expected, got="another file", do=changed
        ) from error
    except OSError as error:
        raise InputError("cannot download", where=address, got=error, do=absent) from error
    return path
