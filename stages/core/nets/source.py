"""From a model string to a local folder that is safe to read."""

import hashlib
import json
from dataclasses import dataclass
from pathlib import Path

from huggingface_hub import snapshot_download
from huggingface_hub.errors import (
    GatedRepoError,
    HFValidationError,
    LocalEntryNotFoundError,
    RepositoryNotFoundError,
    RevisionNotFoundError,
)

from stages.core.names.models import ModelSpec
from stages.core.nets.embedded import embedded_folder
from stages.core.run.errors import ConcordError, InputError
from stages.core.run.files import require_file, sha256

SETTINGS = ("*.json", "*.txt", "*.model")


WEIGHTS = "*.safetensors"


PICKLES = ("*.bin", "*.pt", "*.pth", "*.ckpt", "*.pkl")


@dataclass(frozen=True)
class Source:
    """Where a model was found.

    Attributes
    ----------
    folder : Path
        Configuration, tokenizer and, unless an untrained twin is wanted, weights.
    revision : str
        Commit of the repository, or digest of the files read.
    """

    folder: Path
    revision: str


def find_source(spec: ModelSpec) -> Source:
    """Find a model: in an installed package, in a folder, or on the hub.

    Only settings and safetensors are ever fetched or opened; pickled weights are refused.

    Raises
    ------
    InputError
        If there is no such model or revision, or no weights that are safe to open.
    ConcordError
        If a download broke.
    """
    if spec.scheme in ("timm", "noise"):
        raise InputError(
            "not a language model",
            where=f"params.yaml: model: {spec.string}",
            expected="a model that reads words",
            do="Use the scheme hf:, st: or file:.",
        )
    trained = spec.seed is None
    if spec.scheme == "file":
        return _local_source(named_folder(spec), trained)
    embedded = None if spec.revision else embedded_folder(spec.scheme, spec.name)
    if embedded is not None:
        return _local_source(embedded, trained)
    repository = spec.name
    if spec.scheme == "st" and "/" not in repository:
        repository = f"sentence-transformers/{repository}"
    return hub_source(repository, spec.revision, trained)


def hub_source(repository: str, revision: str | None, trained: bool) -> Source:
    """Fetch a model from the hub; its revision is the commit."""
    snapshot = _download(repository, revision, [*SETTINGS, *([WEIGHTS] if trained else [])])
    return Source(_checked(snapshot, trained), snapshot.name)


def named_folder(spec: ModelSpec) -> Path:
    """Return the folder that a model string of scheme `file` names, if it is there."""
    where = f"params.yaml: model: {spec.string}"
    folder = Path(spec.name).expanduser()
    if not folder.is_dir():
        raise InputError("folder not found", where=where, got=folder)
    return folder


def _local_source(folder: Path, trained: bool) -> Source:
    """Identify a folder by what `sha256sum` says of its files."""
    folder = _checked(folder, trained)
    patterns = [*SETTINGS, *([WEIGHTS] if trained else [])]
    files = sorted(file for pattern in patterns for file in folder.glob(pattern))
    listing = "".join(f"{sha256(file)}  {file.name}\n" for file in files)
    return Source(folder, hashlib.sha256(listing.encode()).hexdigest())


def _checked(folder: Path, trained: bool) -> Path:
    """Descend to the folder of the network and check that its files may be opened."""
    folder = _network_folder(folder)
    require_file(folder / "config.json", "Name a folder with a model in the format of its library.")
    if not trained:
        return folder
    weights = sorted(folder.glob(WEIGHTS))
    if not weights:
        pickles = sorted(file.name for pattern in PICKLES for file in folder.glob(pattern))
        raise InputError(
            "no weights that are safe to open",
            where=folder,
            expected="safetensors (pickled weights can run code and are never opened)",
            got=", ".join(pickles) or "none",
            do="Convert them where you trust them, with save_pretrained, "
            "and name the result file:FOLDER.",
        )
    for file in weights:
        require_file(file, "Fetch the model again.")
    return folder


def _network_folder(folder: Path) -> Path:
    """Follow `modules.json` of sentence-transformers to its Transformer module."""
    listing = folder / "modules.json"
    if not listing.is_file():
        return folder
    try:
        paths = [m["path"] for m in json.loads(listing.read_text()) if "Transformer" in m["type"]]
        inner = (folder / str(paths[0])).resolve()
    except (ValueError, TypeError, LookupError) as error:
        raise InputError("no Transformer module", where=listing, got=repr(error)) from error
    if not inner.is_relative_to(folder.resolve()):
        raise InputError("module outside the model's folder", where=listing, got=paths[0])
    return inner


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


def is_timm_folder(folder: Path) -> bool:
    """Whether a model's configuration is one of timm's."""
    try:
        content = json.loads((folder / "config.json").read_text())
    except ValueError:
        return False
    return isinstance(content, dict) and "architecture" in content and "model_type" not in content
