"""The way to a hub: one snapshot of a repository, of the files that are safe to read."""

import fnmatch
import logging
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from huggingface_hub import HfApi, constants, scan_cache_dir, snapshot_download
from huggingface_hub.errors import (
    CacheNotFound,
    GatedRepoError,
    HFValidationError,
    LocalEntryNotFoundError,
    RepositoryNotFoundError,
    RevisionNotFoundError,
)
from huggingface_hub.hf_api import RepoFile

from stages.core.nets.weight_files import PICKLED, SAFE
from stages.core.run.errors import ConcordError, InputError

logger = logging.getLogger("concord.hub")

SETTINGS = ("*.json", "*.txt", "*.model")


def fetch_snapshot(repository: str, revision: str | None, trained: bool) -> Path:
    """Fetch settings and, unless for an untrained twin, weights; the folder's name is the commit.

    Pickled weights are fetched only where there are no safetensors.

    Raises
    ------
    InputError
        If there is no such repository or revision, or no way to it.
    ConcordError
        If the download broke.
    """
    patterns = [*SETTINGS, *([SAFE] if trained else [])]
    snapshot = _download(repository, revision, patterns)
    if trained and not any(snapshot.rglob(SAFE)):
        snapshot = _download(repository, revision, [*SETTINGS, PICKLED])
    return snapshot


def release_snapshot(folder: Path) -> bool:
    """Delete a fetched snapshot, and those of its files that no other revision refers to.

    Parameters
    ----------
    folder : Path
        The snapshot, or a folder in it.

    Returns
    -------
    bool
        Whether there was one: a folder outside the hub's cache is left alone.
    """
    try:
        cache = scan_cache_dir(constants.HF_HUB_CACHE)
    except CacheNotFound:
        return False
    inside = {folder.resolve(), *folder.resolve().parents}
    for repository in cache.repos:
        for revision in repository.revisions:
            if revision.snapshot_path.resolve() in inside:
                cache.delete_revisions(revision.commit_hash).execute()
                return True
    return False


def hub_digests(repository: str, revisions: Sequence[str]) -> dict[str, dict[str, str]] | None:
    """Ask the hub for the digests of the files of weights at several revisions, fetching none.

    Returns
    -------
    dict of str to dict of str to str, or None
        By revision, the SHA-256 by name of the files that `weight_files` would list (git's digest
        of a file so small that it is not in LFS); none where a revision has no weights. None if the
        hub cannot be reached.

    Raises
    ------
    InputError
        If there is no such repository or revision.
    """
    found = {}
    for revision in revisions:
        try:
            with _explained(f"{repository}@{revision}"):
                tree = list(HfApi().list_repo_tree(repository, revision=revision))
        except InputError:
            raise
        except ConcordError as error:
            logger.info("digests of weights not known: %s", error)
            return None
        files = {entry.path: entry for entry in tree if isinstance(entry, RepoFile)}
        names = fnmatch.filter(files, SAFE) or fnmatch.filter(files, PICKLED)
        found[revision] = {name: _digest(files[name]) for name in sorted(names)}
    return found


def _digest(file: RepoFile) -> str:
    return file.blob_id if file.lfs is None else file.lfs.sha256


def _download(repository: str, revision: str | None, patterns: list[str]) -> Path:
    """Fetch the named files of a repository; the folder's name is the commit."""
    with _explained(f"{repository}@{revision or 'main'}"):
        return Path(snapshot_download(repository, revision=revision, allow_patterns=patterns))


@contextmanager
def _explained(where: str) -> Iterator[None]:
    """Turn what the hub's client raises into errors that say what to do."""
    try:
        yield
    except RevisionNotFoundError as error:
        raise InputError(
            "no such revision", where=where, do="See the repository's tags."
        ) from error
    except GatedRepoError as error:
        do = "Accept the terms on its page and log in with `hf auth login`."
        raise InputError("model behind an agreement", where=where, do=do) from error
    except (RepositoryNotFoundError, HFValidationError) as error:
        do = "Check the name; log in with `hf auth login` if it is private."
        raise InputError("no such model on the hub", where=where, do=do) from error
    except LocalEntryNotFoundError as error:
        do = (
            "Connect to the network once (and unset HF_HUB_OFFLINE), or name a folder: file:FOLDER."
        )
        raise InputError("hub out of reach and no local copy", where=where, do=do) from error
    except Exception as error:  # what the HTTP library raises changes with the hub's client
        do = "Run again: finished files are kept."
        raise ConcordError(
            "download broke", where=where, got=str(error).partition("\n")[0] or repr(error), do=do
        ) from error
