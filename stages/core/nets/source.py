"""From a model string to a local folder that is safe to read."""

import hashlib
import json
from dataclasses import dataclass
from pathlib import Path

from stages.core.names.models import TRANSFORMERS, ModelSpec
from stages.core.nets.embedded import embedded_folder
from stages.core.nets.hub import SETTINGS, fetch_snapshot, release_snapshot
from stages.core.nets.training_checkpoint import find_checkpoint, read_checkpoint
from stages.core.nets.weight_files import state_digest, weight_files
from stages.core.run.errors import InputError
from stages.core.run.files import require_file, sha256


@dataclass(frozen=True)
class Source:
    """Where a model was found.

    Attributes
    ----------
    folder : Path
        Configuration, tokenizer and, unless an untrained twin is wanted, weights; or one file, a
        training checkpoint of timm.
    revision : str
        Commit of the repository, or digest of the files or weights read.
    part : str
        Which weights of a training checkpoint, `raw` or `ema`.
    """

    folder: Path
    revision: str
    part: str = ""


def find_source(spec: ModelSpec) -> Source:
    """Find a model: in an installed package, in a folder, or on the hub.

    Only settings and weights are ever fetched or opened; see `weight_files` for which.

    Raises
    ------
    InputError
        If there is no such model or revision, or no weights that are safe to open.
    ConcordError
        If a download broke.
    """
    if spec.scheme not in TRANSFORMERS:
        raise InputError(
            "not a language model",
            where=f"params.yaml: model: {spec.string}",
            expected="a model that reads words",
            do="Use the scheme hf:, st: or file:.",
        )
    trained = spec.seed is None
    if spec.scheme == "file":
        checkpoint = find_checkpoint(spec.name)
        if checkpoint is not None:
            return _checkpoint_source(*checkpoint, trained)
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
    snapshot = fetch_snapshot(repository, revision, trained)
    return Source(_checked(snapshot, trained), snapshot.name)


def release(source: Source) -> bool:
    """Delete what was fetched from the hub for a model; see `release_snapshot`.

    A family of checkpoints does so after each, unless the setting `keep` says otherwise, so that no
    more than one is on disk. Folders and packages are never deleted.
    """
    return release_snapshot(source.folder)


def named_folder(spec: ModelSpec) -> Path:
    """Return the folder that a model string of scheme `file` names, if it is there."""
    where = f"params.yaml: model: {spec.string}"
    folder = Path(spec.name).expanduser()
    if not folder.is_dir():
        do = "Correct the name, or train the model first."
        raise InputError("folder not found", where=where, got=folder, do=do)
    return folder


def _local_source(folder: Path, trained: bool) -> Source:
    """Identify a folder by what `sha256sum` says of its files."""
    folder = _checked(folder, trained)
    settings = [file for pattern in SETTINGS for file in folder.glob(pattern)]
    files = sorted([*settings, *(weight_files(folder) if trained else [])])
    listing = "".join(f"{sha256(file)}  {file.name}\n" for file in files)
    return Source(folder, hashlib.sha256(listing.encode()).hexdigest())


def _checkpoint_source(file: Path, part: str, trained: bool) -> Source:
    """Identify a training checkpoint by the weights asked for, or by its network's settings."""
    found = read_checkpoint(file, part)
    settings = json.dumps(
        [found.architecture, found.settings, found.shown], sort_keys=True, default=str
    )
    twin = hashlib.sha256(settings.encode()).hexdigest()
    return Source(file, state_digest(found.state) if trained else twin, part)


def _checked(folder: Path, trained: bool) -> Path:
    """Descend to the folder of the network and check that it has a configuration and weights."""
    folder = _network_folder(folder)
    require_file(folder / "config.json", "Name a folder with a model in the format of its library.")
    if trained:
        weight_files(folder)
    return folder


def _network_folder(folder: Path) -> Path:
    """Follow `modules.json` of sentence-transformers to its Transformer module."""
    listing = folder / "modules.json"
    if not listing.is_file():
        return folder
    try:
        paths = [m["path"] for m in json.loads(listing.read_text()) if "Transformer" in m["type"]]
        inner = (folder / str(paths[0])).resolve()
    except (ValueError, TypeError, LookupError, RecursionError) as error:
        raise InputError("no Transformer module", where=listing, got=repr(error)) from error
    if not inner.is_relative_to(folder.resolve()):
        raise InputError("module outside the model's folder", where=listing, got=paths[0])
    return inner


def is_timm_folder(folder: Path) -> bool:
    """Whether a model's configuration is one of timm's; a file is a checkpoint of timm's."""
    if folder.is_file():
        return True
    try:
        content = json.loads((folder / "config.json").read_text())
    except (ValueError, RecursionError):
        return False
    return isinstance(content, dict) and "architecture" in content and "model_type" not in content
