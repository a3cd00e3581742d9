"""The way to a hub: one snapshot of a repository, of the files that are safe to read."""

from pathlib import Path

from huggingface_hub import snapshot_download
from huggingface_hub.errors import (
    GatedRepoError,
    HFValidationError,
    LocalEntryNotFoundError,
    RepositoryNotFoundError,
    RevisionNotFoundError,
)

from stages.core.nets.weight_files import PICKLED, SAFE
from stages.core.run.errors import ConcordError, InputError

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


def _download(repository: str, revision: str | None, patterns: list[str]) -> Path:
    """Fetch the named files of a repository; the folder's name is the commit."""
    where = f"{repository}@{revision or 'main'}"
    try:
        return Path(snapshot_download(repository, revision=revision, allow_patterns=patterns))
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
