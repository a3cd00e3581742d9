"""Words with as much before them as a model takes: runs read once, where no word is seen too early.

A causal network makes of a word the same whether or not others follow, so that one pass over a run
gives the layers of all its words. A run longer than the network takes is read in windows, each half
a window on, and every word is taken from the one that shows most of what came before it: half a
window at least. Any other network is shown each word by itself, after as much as fits.
"""

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import pandas as pd
import torch
from numpy.typing import NDArray

from stages.core.nets.counting import count_parameters
from stages.core.nets.hardware import Hardware, suited_threads
from stages.core.nets.load import Model, config_parameters, load_network
from stages.core.run.errors import ConcordError
from stages.extract.failures import model_code
from stages.extract.placement import placed
from stages.extract.towers import Ints, Layers, Replica, Tower
from stages.extract.words.first_tokens import sees_no_further
from stages.extract.words.run_windows import Window, run_windows
from stages.extract.words.text_tower import SMALLER, Reading
from stages.extract.words.tokens import Tokens, tokenize
from stages.extract.words.word_forward import check_positions, forward, layer_names

SHARD = 4096
MOST = 2048  # tokens of a window, where a network takes more


def run_tower(
    model: Model,
    passages: pd.DataFrame,
    reading: Reading,
    hardware: Hardware,
    part: Callable[[Any], Any] = lambda network: network,
) -> Tower:
    """Prepare to show passages of which each is all of its run until then.

    Parameters
    ----------
    model : Model
        With its tokenizer.
    passages : DataFrame
        Made by `stages.extract.words.passages.make_passages` with a context of 0.
    reading : Reading
        Without attention, which is not described here.
    hardware : Hardware
    part : callable
        From the network to the part of it that reads.

    Raises
    ------
    InputError
        If a passage has no token.
    ConcordError
        If the tokenizer breaks.
    """
    with model_code(model.folder, SMALLER):
        windows = run_windows(model.tokenizer, passages, min(model.longest, MOST))

    def replicas() -> list[Replica]:
        with model_code(model.folder, SMALLER):
            everywhere = placed(model, config_parameters(model.config), hardware.devices)
            return [_replica(one) for one in everywhere]

    def _replica(one: Model) -> Replica:
        network = part(load_network(one, attention=False))
        names, parameters = layer_names(network.config, False), count_parameters(network)
        causal = sees_no_further(network)

        def run(rows: Ints) -> Layers:
            with suited_threads(parameters), model_code(one.folder, SMALLER):
                if causal:
                    layers = read_windows(network, windows, rows, names, reading.pooling)
                else:
                    tokens = tokenize(one.tokenizer, passages.iloc[rows], one.longest, cut=True)
                    how = {"pooling": reading.pooling, "budget": hardware.batch_tokens}
                    layers = read_each(network, one.tokenizer, tokens, names, **how)
            return Layers(layers, {name: values.shape[1] for name, values in layers.items()})

        return Replica(parameters, run)

    return Tower("", np.arange(len(passages)), SHARD, replicas)


@torch.inference_mode()
def read_windows(
    network: Any, windows: Sequence[Window], rows: Ints, names: Sequence[str], pooling: str
) -> dict[str, NDArray[np.float32]]:
    """Run a causal network over the windows of some passages, and pool every layer.

    Returns
    -------
    dict of str to ndarray, shape (n_passages, n_units)

    Raises
    ------
    ConcordError
        If a value is not finite.
    """
    place = {row: k for k, row in enumerate(rows.tolist())}
    found: dict[str, NDArray[np.float32]] = {}
    for window in windows:
        inside = [k for k, row in enumerate(window.rows) if int(row) in place]
        if not inside:
            continue
        given = {
            name: torch.tensor([values], device=network.device)
            for name, values in window.inputs.items()
        }
        states = network(**given, output_hidden_states=True, use_cache=False).hidden_states
        check_positions(states, given["input_ids"].shape, network)
        for name, layer in zip(names, states, strict=True):
            values = layer[0].float().cpu().numpy()
            if not np.isfinite(values).all():
                raise ConcordError("values that are not finite", where=f"{name} of the model")
            out = found.setdefault(name, np.empty((len(rows), values.shape[1]), np.float32))
            for k in inside:
                out[place[int(window.rows[k])]] = _pooled(values[window.focus[k]], pooling)
    return found


def _pooled(values: NDArray[np.float32], pooling: str) -> NDArray[np.float32]:
    pooled: NDArray[np.float32] = values[-1]
    if pooling != "last":
        pooled = values.sum(axis=0) if pooling == "sum" else values.mean(axis=0)
    return pooled


def read_each(
    network: Any,
    tokenizer: Any,
    tokens: Sequence[Tokens],
    names: Sequence[str],
    **how: Any,
) -> dict[str, NDArray[np.float32]]:
    """Run a network over passages in any order; the rest as for `forward`."""
    order = np.argsort([-len(one) for one in tokens], kind="stable")
    layers = forward(network, tokenizer, [tokens[k] for k in order], names, **how)
    back = np.argsort(order)
    return {name: values[back] for name, values in layers.items()}
