"""The tower that is shown captions."""

from collections.abc import Callable
from typing import Any

import numpy as np

from stages.core.nets.hardware import Hardware
from stages.core.nets.load import Model, config_parameters, count_parameters, load_network
from stages.extract.captions import caption_passages, padding_side
from stages.extract.failures import model_code
from stages.extract.placement import placed
from stages.extract.projection import reduce_array
from stages.extract.tokens import Tokens, tokenize
from stages.extract.towers import Ints, Layers, Replica, Shown, Tower
from stages.extract.word_forward import forward, layer_names

SHARD = 512
SMALLER = "Set CONCORD_BATCH_TOKENS to less, or CONCORD_DEVICE=cpu."


def caption_tower(
    model: Model,
    shown: Shown,
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
    shown : Shown
    hardware : Hardware
    prefix : str
        Of the layers' names.
    part : callable
        From the network to the part of it that reads.

    Returns
    -------
    Tower
        Captions are shown from long to short: little padding, and memory that is too small
        shows at once.

    Raises
    ------
    InputError
        If a stimulus has no caption, or one that the model cannot take.
    ConcordError
        If the tokenizer or its chat template breaks.
    """
    settings = shown.settings
    with model_code(model.folder, SMALLER):
        chat = settings.template == "chat" and bool(model.tokenizer.chat_template)
        passages = caption_passages(shown.stimuli, model.tokenizer, chat=chat)
        tokens = tokenize(
            model.tokenizer,
            passages,
            model.longest,
            special=not chat,
            do="Shorten the caption, or use another model.",
        )

    def replicas() -> list[Replica]:
        with model_code(model.folder, SMALLER):
            everywhere = placed(model, config_parameters(model.config), hardware.devices)
            return [_replica(one) for one in everywhere]

    def _replica(one: Model) -> Replica:
        network = part(load_network(one, attention=False))
        return Replica(count_parameters(network), _reader(one, network, tokens, shown, hardware))

    order = np.argsort([-len(passage) for passage in tokens], kind="stable")
    return Tower(prefix, order, SHARD, replicas)


def _reader(
    model: Model, network: Any, tokens: list[Tokens], shown: Shown, hardware: Hardware
) -> Callable[[Ints], Layers]:
    """From rows of the stimuli to what a network makes of their captions."""
    names = layer_names(network.config, attention=False)
    side = padding_side(network.config, network)
    settings = shown.settings

    def run(rows: Ints) -> Layers:
        with model_code(model.folder, SMALLER):
            layers = forward(
                network,
                model.tokenizer,
                [tokens[row] for row in rows],
                names,
                pooling=settings.pooling,
                budget=hardware.batch_tokens,
                side=side,
            )
        return Layers(
            {n: reduce_array(v, settings.units, settings.seed) for n, v in layers.items()},
            {name: values.shape[1] for name, values in layers.items()},
        )

    return run
