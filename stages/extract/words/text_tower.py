"""The tower that is shown text: the words of a story in their context, or captions."""

import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from stages.core.nets.counting import count_parameters
from stages.core.nets.hardware import Hardware, suited_threads
from stages.core.nets.load import Model, config_parameters, load_network
from stages.extract.failures import model_code
from stages.extract.placement import placed
from stages.extract.projection import reduce_array
from stages.extract.towers import Ints, Layers, Replica, Stimuli, Tower
from stages.extract.words.captions import caption_passages, own_template, padding_side, presenter
from stages.extract.words.first_tokens import begun, is_pooled_first, sees_no_further
from stages.extract.words.known_tokens import check_known, check_vectors
from stages.extract.words.tokens import Tokens, ended, tokenize
from stages.extract.words.word_forward import forward, layer_names

SHARD = 512
SMALLER = "Set CONCORD_BATCH_TOKENS to less, or CONCORD_DEVICE=cpu."
# What to do about captions that a model cannot take.
SHORTEN = {
    "first": "Shorten the caption or scene.extract.prompt, or use another model.",
    "all": "Set scene.extract.captions to first, or use another model.",
}


@dataclass(frozen=True)
class Reading:
    """How a network reads passages, and what is kept.

    Attributes
    ----------
    pooling : str
        `last`, `mean` or `sum`, over the focus of a passage.
    attention : bool
        Whether heads are described too.
    units, seed : int
        Units kept of a wider layer, and the seed of the projection.
    generating : bool
        Whether causal models are padded as they are to generate, on the left.
    begun : bool
        Whether passages of causal models begin with a special token where a vector would otherwise
        be made of the first token.
    """

    pooling: str
    attention: bool = False
    units: int = sys.maxsize
    seed: int = 0
    generating: bool = False
    begun: bool = False


def word_tower(
    model: Model,
    passages: pd.DataFrame,
    reading: Reading,
    hardware: Hardware,
    part: Callable[[Any], Any] = lambda network: network,
) -> Tower:
    """Prepare to show passages of a story to a model of transformers.

    Parameters
    ----------
    model : Model
        With its tokenizer.
    passages : DataFrame
        Made by `stages.extract.words.passages.make_passages`.
    reading : Reading
    hardware : Hardware
    part : callable
        From the network to the part of it that reads.

    Raises
    ------
    InputError
        If the model cannot take a passage.
    ConcordError
        If the tokenizer breaks.
    """
    with model_code(model.folder, SMALLER):
        tokens = tokenize(model.tokenizer, passages, model.longest)
    check_known(tokens, model.tokenizer, model.folder)
    return _tower(model, tokens, reading, hardware, part=part)


def caption_tower(
    model: Model,
    shown: Stimuli,
    hardware: Hardware,
    *,
    prefix: str = "",
    part: Callable[[Any], Any] = lambda network: network,
) -> Tower:
    """Prepare to show captions to a model of transformers.

    Parameters
    ----------
    model : Model
        With its tokenizer.
    shown : Stimuli
    hardware : Hardware
    prefix : str
        Of the layers' names.
    part : callable
        From the network to the part of it that reads.

    Raises
    ------
    InputError
        If a stimulus has no caption, or one that the model cannot take.
    ConcordError
        If the tokenizer or its chat template breaks.
    """
    settings = shown.settings
    with model_code(model.folder, SMALLER):
        passages = caption_passages(shown.table, presenter(settings, model.tokenizer))
        tokens = tokenize(
            model.tokenizer,
            passages,
            model.longest,
            special=own_template(settings, model.tokenizer) == "plain",
            do=SHORTEN[settings.captions],
        )
    check_known(tokens, model.tokenizer, model.folder)
    pooling: str = settings.pooling
    if pooling == "end":
        tokens, pooling = [ended(one) for one in tokens], "last"
    reading = Reading(pooling, units=settings.units, seed=settings.seed, generating=True)
    return _tower(model, tokens, reading, hardware, prefix=prefix, part=part)


def _tower(
    model: Model,
    tokens: Sequence[Tokens],
    reading: Reading,
    hardware: Hardware,
    *,
    prefix: str = "",
    part: Callable[[Any], Any] = lambda network: network,
) -> Tower:
    """Passages are shown from long to short.

    So there is little padding, and memory that is too small shows at once.
    """

    def replicas() -> list[Replica]:
        with model_code(model.folder, SMALLER):
            everywhere = placed(model, config_parameters(model.config), hardware.devices)
            return [_replica(one) for one in everywhere]

    def _replica(one: Model) -> Replica:
        network = part(load_network(one, reading.attention))
        shown = _shown(one, network, tokens, reading)
        check_vectors(shown, network, one.folder)
        parameters = count_parameters(network)
        run = _reader(one, network, shown, reading, hardware)

        def read(rows: Ints) -> Layers:
            with suited_threads(parameters):
                return run(rows)

        return Replica(parameters, read)

    order = np.argsort([-len(passage) for passage in tokens], kind="stable")
    return Tower(prefix, order, SHARD, replicas)


def _shown(
    model: Model, network: Any, tokens: Sequence[Tokens], reading: Reading
) -> Sequence[Tokens]:
    """Begin passages with a special token where the network needs one, and is asked to."""
    first = reading.begun and any(is_pooled_first(one, reading.pooling) for one in tokens)
    if first and sees_no_further(network):
        return begun(tokens, model.tokenizer, reading.pooling, model.longest)
    return tokens


def _reader(
    model: Model, network: Any, tokens: Sequence[Tokens], reading: Reading, hardware: Hardware
) -> Callable[[Ints], Layers]:
    """From rows of the passages to what a network makes of them."""
    names = layer_names(network.config, reading.attention)
    side = padding_side(network.config, network) if reading.generating else "right"

    def run(rows: Ints) -> Layers:
        with model_code(model.folder, SMALLER):
            layers = forward(
                network,
                model.tokenizer,
                [tokens[row] for row in rows],
                names,
                pooling=reading.pooling,
                budget=hardware.batch_tokens,
                side=side,
            )
        return Layers(
            {n: reduce_array(v, reading.units, reading.seed) for n, v in layers.items()},
            {name: values.shape[1] for name, values in layers.items()},
        )

    return run
