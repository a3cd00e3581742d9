"""The stage as a whole: from stimuli to a folder of layers."""

import logging
import os
import shutil
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pandas as pd
from safetensors import safe_open

from stages.core.activations import (
    ROW_COLUMNS,
    Activations,
    has_layer,
    layer_kind,
    write_about,
    write_layer,
)
from stages.core.errors import InputError
from stages.core.models import ModelSpec
from stages.core.params import Extract
from stages.core.progress import progress
from stages.core.recording import stimuli_digest
from stages.extract.attention import STATISTICS
from stages.extract.forward import forward, layer_names
from stages.extract.load import Model, load_network, open_model
from stages.extract.passages import make_passages
from stages.extract.resume import (
    SHARD,
    extraction_key,
    gather_layer,
    has_shard,
    shard_paths,
    write_shard,
)
from stages.extract.tokens import Tokens, tokenize

log = logging.getLogger("concord.extract")

# Enough to keep the device busy, little enough for its caches and memory.
BATCH_TOKENS = {"cpu": 1024, "cuda": 16384}


def extract(stimuli: pd.DataFrame, spec: ModelSpec, settings: Extract, folder: Path) -> None:
    """Write the activations of one model, keeping what an interrupted run has finished.

    Parameters
    ----------
    stimuli : DataFrame
        A recording's stimuli.
    spec : ModelSpec
    settings : Extract
        The section `extract` of params.yaml.
    folder : Path
        The model's own folder; layers of an earlier extraction in it are replaced.
    """
    model = open_model(spec)
    passages = make_passages(stimuli, settings.presentation, settings.context)
    digest = stimuli_digest(stimuli)
    key = extraction_key(spec, model.revision, settings, str(model.dtype), digest)
    names = layer_names(model.config, settings.attention)
    missing = [name for name in names if not has_layer(_file(folder, name), key)]
    if len(missing) < len(names):
        log.info("kept %d finished layers in %s", len(names) - len(missing), folder)
    shards = shard_paths(key, len(passages))
    if missing:
        tokens = tokenize(model.tokenizer, passages, model.longest)
        # From long to short: little padding, and memory that is too small shows at once.
        order = np.argsort([-len(passage) for passage in tokens], kind="stable")
        _compute(model, [tokens[k] for k in order], names, settings.pooling, shards)
        # A folder between two extractions must not look finished.
        (folder / "activations.json").unlink(missing_ok=True)
        for name in missing:
            write_layer(_file(folder, name), gather_layer(shards, name, order), key)
    about = _describe(spec, model, settings, digest, {n: _units(_file(folder, n)) for n in names})
    write_about(folder, about, passages[list(ROW_COLUMNS)])
    _remove_stale(folder, names)
    shutil.rmtree(shards[0].parent, ignore_errors=True)


def _file(folder: Path, name: str) -> Path:
    return folder / f"{name}.safetensors"


def _compute(
    model: Model, tokens: Sequence[Tokens], names: Sequence[str], pooling: str, paths: list[Path]
) -> None:
    """Compute the shards that are not there yet."""
    starts = [k * SHARD for k, path in enumerate(paths) if not has_shard(path, names)]
    if len(starts) < len(paths):
        log.info("kept %d of %d shards", len(paths) - len(starts), len(paths))
    if not starts:
        return
    budget = _batch_tokens(model)
    attention = any(layer_kind(name) == "attention" for name in names)
    network = load_network(model, attention)
    for start in progress(starts, "extract"):
        shard = tokens[start : start + SHARD]
        layers = forward(network, model.tokenizer, shard, names, pooling=pooling, budget=budget)
        write_shard(paths[start // SHARD], layers)


def _batch_tokens(model: Model) -> int:
    """Tokens per batch: CONCORD_BATCH_TOKENS, or what suits the device."""
    given = os.environ.get("CONCORD_BATCH_TOKENS") or BATCH_TOKENS.get(model.device.type, 4096)
    try:
        budget = int(given)
    except ValueError:
        budget = 0
    if budget < 1:
        raise InputError(
            "wrong setting", where="CONCORD_BATCH_TOKENS", expected="tokens per batch", got=given
        )
    return budget


def _describe(
    spec: ModelSpec, model: Model, settings: Extract, digest: str, layers: dict[str, int]
) -> Activations:
    return Activations(
        model=spec.string,
        label=spec.label,
        revision=model.revision,
        tokenizer=type(model.tokenizer).__name__,
        seed=spec.seed,
        presentation=settings.presentation,
        context=settings.context if settings.presentation == "context" else None,
        pooling=settings.pooling,
        dtype=str(model.dtype).removeprefix("torch."),
        stimuli_digest=digest,
        layers=layers,
        heads=layers.get("attention_01", 0) // len(STATISTICS),
        attention_statistics=list(STATISTICS) if settings.attention else [],
    )


def _units(path: Path) -> int:
    with safe_open(path, "numpy") as file:
        return int(file.get_slice("activations").get_shape()[1])


def _remove_stale(folder: Path, names: Sequence[str]) -> None:
    """Remove what an earlier extraction left: layers of a deeper model, files cut short."""
    current = {_file(folder, name) for name in names}
    for path in sorted({*folder.glob("*.safetensors"), *folder.glob(".*.partial")} - current):
        log.info("removed %s: left by an earlier extraction", path)
        path.unlink()
