"""Image networks of timm: found, and loaded with the transform they were evaluated with."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import timm
import torch
from safetensors import SafetensorError

from stages.core.names.models import ModelSpec
from stages.core.nets.embedded import embedded_weights
from stages.core.nets.pixels import EMBEDDED_SCALE, embedded_network
from stages.core.nets.source import Source, hub_source
from stages.core.nets.training_checkpoint import read_checkpoint
from stages.core.nets.weight_files import check_pickles, weight_files
from stages.core.run.errors import InputError, did_you_mean
from stages.core.run.files import sha256

# What timm opens in a folder, the first that is there; it may write pickles of tensors.
WEIGHTS = ("model.safetensors", "pytorch_model.bin")


@dataclass(frozen=True)
class TimmModel:
    """A network of timm that is found, its weights not yet loaded.

    Attributes
    ----------
    revision : str
        Commit of the repository, digest of the weights, or of an untrained twin timm's version.
    make : callable
        Makes the network with its weights, or without.
    seed : int or None
        Of an untrained twin.
    scale : mapping or None
        How pixels are scaled, where that is not what timm says.
    """

    revision: str
    make: Callable[[], Any]
    seed: int | None
    scale: Mapping[str, tuple[float, ...]] | None = None

    def load(self) -> Any:
        """Load the network, or draw an untrained one under its seed, without its classifier.

        Raises
        ------
        InputError
            If weights are missing, unreadable or of another shape.
        """
        try:
            network = self.make() if self.seed is None else _drawn(self.make, self.seed)
        except (OSError, ValueError, RuntimeError, KeyError, SafetensorError) as error:
            got = str(error).partition("\n")[0]
            raise InputError("unreadable model", where="the weights for timm", got=got) from error
        network.reset_classifier(0)
        return network.eval()


def _drawn(make: Callable[[], Any], seed: int) -> Any:
    with torch.random.fork_rng(devices=range(torch.cuda.device_count())):
        torch.manual_seed(seed)
        return make()


def find_timm(spec: ModelSpec) -> TimmModel:
    """Find a model that timm knows by name: in an installed package, or on the hub.

    Raises
    ------
    InputError
        If timm does not know it, or the hub has no weights that are safe to open.
    ConcordError
        If a download broke.
    """
    name = spec.name
    _check_known(name, f"params.yaml: models: {spec.string}")
    weights = None if spec.revision else embedded_weights("timm", name)
    scale = None if weights is None else EMBEDDED_SCALE
    if spec.seed is not None:
        return TimmModel(f"timm {timm.__version__}", lambda: _made(name), spec.seed, scale)
    if weights is not None:
        return TimmModel(sha256(weights), lambda: embedded_network(name, weights), None, scale)
    repository = getattr(timm.get_pretrained_cfg(name), "hf_hub_id", None)
    if not repository:
        raise InputError(
            "no weights on the hub",
            where=f"params.yaml: models: {spec.string}",
            do="Use another model, or its untrained twin.",
        )
    return timm_in(hub_source(repository, spec.revision, trained=True), None)


def _check_known(name: str, where: object) -> None:
    if not timm.is_model(name):
        do = did_you_mean(name.partition(".")[0], timm.list_models())
        raise InputError("no such model in timm", where=where, do=do)


def _made(name: str) -> Any:
    return timm.create_model(name, pretrained=False)


def timm_in(source: Source, seed: int | None) -> TimmModel:
    """Describe the model in a folder or a training checkpoint that timm has written.

    Raises
    ------
    InputError
        If the weights have another name, or are a pickle of more than tensors.
    """
    if source.part:
        name = read_checkpoint(source.folder, source.part).architecture
        _check_known(name, f"{source.folder}: {name}")
        return TimmModel(source.revision, partial(_in_checkpoint, source, seed is None), seed)
    if seed is None:
        _check_weights(source.folder)

    def make() -> Any:
        return timm.create_model(f"local-dir:{source.folder}", pretrained=seed is None)

    return TimmModel(source.revision, make, seed)


def _in_checkpoint(source: Source, trained: bool) -> Any:
    """Make the network of a training checkpoint, with its weights or without."""
    found = read_checkpoint(source.folder, source.part)
    network = timm.create_model(found.architecture, pretrained=False, **found.settings)
    network.pretrained_cfg = network.pretrained_cfg | found.shown
    if trained:
        network.load_state_dict(found.state)
    return network


def _check_weights(folder: Path) -> None:
    """Check that what timm will open is what was found, and is safe to open."""
    files = weight_files(folder)
    first = next((name for name in WEIGHTS if name in {file.name for file in files}), None)
    if first is None:
        raise InputError(
            "weights that timm does not open",
            where=folder,
            expected=" or ".join(WEIGHTS),
            got=", ".join(file.name for file in files),
            do="Save the model with timm's save_for_hf.",
        )
    check_pickles([folder / first])
