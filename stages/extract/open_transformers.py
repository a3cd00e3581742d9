"""Opening a model of transformers: what it is shown, and by which towers."""

from collections.abc import Callable, Sequence
from typing import Any

import pandas as pd
from transformers import AutoModel

from stages.core.names.models import ModelSpec
from stages.core.nets.hardware import Hardware
from stages.core.nets.load import Model, describe_model, load_config, open_model
from stages.core.nets.source import Source
from stages.core.params.schema import ExtractStory
from stages.core.run.errors import InputError
from stages.extract.images.hidden_tower import hidden_tower
from stages.extract.towers import OpenedModel, Stimuli
from stages.extract.words.captions import presentation
from stages.extract.words.text_tower import Reading, caption_tower, word_tower
from stages.extract.words.whole_runs import run_tower

# How networks of words and images call the part that sees, and the one that reads.
SEES = ("vision_model", "vision_tower", "visual")
READS = ("text_model", "language_model")


def open_reader(
    spec: ModelSpec,
    passages: pd.DataFrame,
    settings: ExtractStory,
    hardware: Hardware,
    *,
    begun: bool = False,
) -> OpenedModel:
    """Find a language model and prepare to show it the passages of a story, `begun` or not.

    Raises
    ------
    InputError
        If the model is not there or not usable, or reads no words.
    ConcordError
        If a download broke.
    """
    model = open_model(spec)
    reading = Reading(settings.pooling, attention=settings.attention, begun=begun)
    whole = settings.presentation == "context" and settings.context == 0
    if whole and settings.attention:
        raise InputError(
            "attention over all of a run",
            where="params.yaml: story.extract",
            expected="attention: false where context is 0",
        )
    tower = run_tower if whole else word_tower
    return OpenedModel(
        modality="language",
        revision=model.revision,
        dtype=_precision(model),
        presentation=settings.presentation,
        pooling=settings.pooling,
        tokenizer=type(model.tokenizer).__name__,
        towers=[tower(model, passages, reading, hardware, _reading_part(model.config))],
        context=settings.context if settings.presentation == "context" else None,
    )


def open_transformers(
    source: Source, spec: ModelSpec, shown: Stimuli, hardware: Hardware
) -> OpenedModel:
    """Prepare the towers of a model that was found, by what it is shown.

    Raises
    ------
    InputError
        If the model is not usable.
    """
    config = load_config(source.folder)
    makers = {"vision": _vision_model, "language": _language_model, "both": _two_towers}
    return makers[modality(config, source)](source, spec, config, shown, hardware)


def modality(config: Any, source: Source) -> str:
    """Tell `vision`, `language` or `both` by what transformers makes of a configuration.

    Raises
    ------
    InputError
        If it is shown something else, or transformers has no such model.
    """
    if hasattr(config, "text_config") and hasattr(config, "vision_config"):
        return "both"
    try:
        shown = AutoModel._model_mapping[type(config)].main_input_name
    except (KeyError, AttributeError):
        shown = "unknown"
    kinds = {"pixel_values": "vision", "input_ids": "language"}
    if shown not in kinds:
        raise InputError(
            "neither an image nor a language model",
            where=source.folder,
            expected=f"a model shown {' or '.join(kinds)}",
            got=f"{config.model_type}, shown {shown}",
            do="Use another model.",
        )
    return kinds[shown]


def _vision_model(
    source: Source, spec: ModelSpec, config: Any, shown: Stimuli, hardware: Hardware
) -> OpenedModel:
    model = describe_model(source, spec.seed, config, hardware.devices[0], words=False)
    return OpenedModel(
        modality="vision",
        revision=source.revision,
        dtype="float32",
        presentation="image",
        pooling=shown.settings.vision,
        tokenizer="",
        towers=[hidden_tower(model, shown, hardware)],
    )


def _language_model(
    source: Source, spec: ModelSpec, config: Any, shown: Stimuli, hardware: Hardware
) -> OpenedModel:
    model = describe_model(source, spec.seed, config, hardware.devices[0], words=True)
    return OpenedModel(
        modality="language",
        revision=source.revision,
        dtype=_precision(model),
        presentation=presentation(shown.settings, model.tokenizer),
        pooling=shown.settings.pooling,
        tokenizer=type(model.tokenizer).__name__,
        towers=[caption_tower(model, shown, hardware)],
    )


def _two_towers(
    source: Source, spec: ModelSpec, config: Any, shown: Stimuli, hardware: Hardware
) -> OpenedModel:
    """Like CLIP: an image and a text network side by side, trained together."""
    seer = describe_model(source, spec.seed, config, hardware.devices[0], words=False)
    reader = describe_model(source, spec.seed, config, hardware.devices[0], words=True)
    towers = [
        hidden_tower(seer, shown, hardware, prefix="vision.", part=_part(SEES)),
        caption_tower(reader, shown, hardware, prefix="language.", part=_part(READS)),
    ]
    precisions = dict.fromkeys(_precision(one) for one in (seer, reader))
    return OpenedModel(
        modality="both",
        revision=source.revision,
        dtype=", ".join(precisions),
        presentation=f"image and {presentation(shown.settings, reader.tokenizer)}",
        pooling=f"{shown.settings.vision}, {shown.settings.pooling}",
        tokenizer=type(reader.tokenizer).__name__,
        towers=towers,
    )


def _reading_part(config: Any) -> Callable[[Any], Any]:
    """From a network to what reads of it: all, unless it takes something else as well."""
    nested = getattr(config, "text_config", None) is not None
    return _part(READS) if nested else lambda network: network


def _part(names: Sequence[str]) -> Callable[[Any], Any]:
    """From a network of two towers to one of them, by the names that it may have."""

    def find(network: Any) -> Any:
        children = dict(network.named_children())
        found = next((name for name in names if name in children), None)
        if found is None:
            raise InputError(
                "model without two towers",
                where=type(network).__name__,
                expected=" or ".join(names),
                got=", ".join(children),
                do="Use one of its parts by itself, saved with save_pretrained: file:FOLDER.",
            )
        return children[found]

    return find


def _precision(model: Model) -> str:
    return str(model.dtype).removeprefix("torch.")
