"""The stage as a whole: from stimuli to a folder of layers."""

import logging
import shutil
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pandas as pd
from safetensors import safe_open

from stages.core.activations.activations import (
    ROW_COLUMNS,
    Activations,
    has_layer,
    write_about,
    write_layer,
)
from stages.core.names.layers import layer_kind
from stages.core.names.models import ModelSpec
from stages.core.nets.hardware import read_hardware
from stages.core.nets.load import Model, config_parameters, load_network, open_model
from stages.core.params.schema import ExtractStory
from stages.core.recording.types import stimuli_digest
from stages.core.run.progress import progress
from stages.extract.attention import STATISTICS
from stages.extract.passages import make_passages
from stages.extract.resume import (
    extraction_key,
    gather_layer,
    has_shard,
    remove_stale,
    shard_paths,
    write_shard,
)
from stages.extract.tokens import Tokens, tokenize
from stages.extract.word_forward import forward, layer_names

log = logging.getLogger("concord.extract")

SHARD = 512


def extract(stimuli: pd.DataFrame, spec: ModelSpec, settings: ExtractStory, folder: Path) -> None:
    """Write the activations of one model, keeping what an interrupted run has finished.

    Parameters
    ----------
    stimuli : DataFrame
        A recording's stimuli.
    spec : ModelSpec
    settings : ExtractStory
        The section `extract` of params.yaml.
    folder : Path
        The model's own folder; layers of an earlier extraction in it are replaced.
    """
    model = open_model(spec)
    passages = make_passages(stimuli, settings.presentation, settings.context)
    digest = stimuli_digest(stimuli)
    key = _key(spec, model, settings, digest)
    names = layer_names(model.config, settings.attention)
    missing = [name for name in names if not has_layer(_file(folder, name), key)]
    if len(missing) < len(names):
        log.info("kept %d finished layers in %s", len(names) - len(missing), folder)
    shards = shard_paths(key, len(passages), SHARD)
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
    remove_stale(folder, names)
    shutil.rmtree(shards[0].parent, ignore_errors=True)


def _key(spec: ModelSpec, model: Model, settings: ExtractStory, digest: str) -> str:
    """Name all that determines the result; windows know no context."""
    context = settings.context if settings.presentation == "context" else None
    return extraction_key(
        settings,
        context=context,
        model=spec.string,
        revision=model.revision,
        dtype=str(model.dtype),
        stimuli_digest=digest,
    )


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
    budget = read_hardware().batch_tokens
    attention = any(layer_kind(name) == "attention" for name in names)
    network = load_network(model, attention)
    for start in progress(starts, "extract"):
        shard = tokens[start : start + SHARD]
        layers = forward(network, model.tokenizer, shard, names, pooling=pooling, budget=budget)
        write_shard(paths[start // SHARD], layers)


def _describe(
    spec: ModelSpec, model: Model, settings: ExtractStory, digest: str, layers: dict[str, int]
) -> Activations:
    return Activations(
        model=spec.string,
        label=spec.label,
        revision=model.revision,
        modality="language",
        parameters=config_parameters(model.config),
        tokenizer=type(model.tokenizer).__name__,
        seed=spec.seed,
        presentation=settings.presentation,
        context=settings.context if settings.presentation == "context" else None,
        pooling=settings.pooling,
        dtype=str(model.dtype).removeprefix("torch."),
        stimuli_digest=digest,
        layers=layers,
        widths=layers,
        heads=layers.get("attention_01", 0) // len(STATISTICS),
        attention_statistics=list(STATISTICS) if settings.attention else [],
    )


def _units(path: Path) -> int:
    with safe_open(path, "numpy") as file:
        return int(file.get_slice("activations").get_shape()[1])
