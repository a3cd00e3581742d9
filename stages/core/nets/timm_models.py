"""Image networks of timm: found, and loaded with the transform they were evaluated with."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import timm
import torch
from safetensors import SafetensorError

from stages.core.names.models import ModelSpec
from stages.core.nets.embedded import embedded_weights
from stages.core.nets.pixels import EMBEDDED_SCALE, embedded_network
from stages.core.nets.source import Source, hub_source
from stages.core.run.errors import InputError, did_you_mean
from stages.core.run.files import require_file, sha256

WEIGHTS = "model.safetensors"


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
    if not timm.is_model(name):
        raise InputError(
            "no such model in timm",
            where=f"params.yaml: models: {spec.string}",
            do=did_you_mean(name.partition(".")[0], timm.list_models()),
        )
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


def _made(name: str) -> Any:
    return timm.create_model(name, pretrained=False)


def timm_in(source: Source, seed: int | None) -> TimmModel:
    """Describe the model in a folder that timm has written: config.json and model.safetensors.

    Raises
    ------
    InputError
        If the weights have another name.
    """
    weights = source.folder / WEIGHTS
    if seed is None:
        require_file(weights, "Save the model with timm's save_for_hf.")

    def make() -> Any:
        # Of all files that may lie there timm opens WEIGHTS first.
        return timm.create_model(f"local-dir:{source.folder}", pretrained=seed is None)

    return TimmModel(source.revision, make, seed)
