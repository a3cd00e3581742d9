"""The forward pass: from tokens to one vector per passage and layer.

`layer_00` is the embedding output and `layer_01`, … the output of each block, as
transformers returns them: models that end in a normalisation (GPT-2 and its like)
apply it to the last block's output.
"""

import inspect
from collections.abc import Sequence
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from stages.core.run.errors import ConcordError, InputError
from stages.extract.words.attention import describe_attention
from stages.extract.words.tokens import Tokens, batches


def layer_names(config: Any, attention: bool) -> list[str]:
    """Names of all that is kept of a model."""
    blocks = range(1, config.num_hidden_layers + 1)
    hidden = ["layer_00"] + [f"layer_{block:02d}" for block in blocks]
    return hidden + [f"attention_{block:02d}" for block in blocks if attention]


def pooling_weights(focus: torch.Tensor, pooling: str) -> torch.Tensor:
    """Weights of the tokens in a passage's vector.

    Parameters
    ----------
    focus : Tensor of bool, shape (n_passages, n_tokens)
    pooling : str
        `last`, `mean` or `sum`, over the focus.

    Returns
    -------
    Tensor, shape (n_passages, n_tokens)
    """
    if pooling == "last":
        rank = focus.cumsum(1)
        return (focus & (rank == rank[:, -1:])).float()
    if pooling == "mean":
        return focus / focus.sum(1, keepdim=True)
    return focus.float()


@torch.inference_mode()
def forward(
    network: Any,
    tokenizer: Any,
    tokens: Sequence[Tokens],
    names: Sequence[str],
    *,
    pooling: str,
    budget: int,
    side: str = "right",
) -> dict[str, NDArray[np.float32]]:
    """Run the model over passages and pool every layer.

    Parameters
    ----------
    network, tokenizer
        From `load`.
    tokens : sequence of Tokens
        Sorted from long to short, so that batches hold little padding.
    names : sequence of str
        From `layer_names`: what to keep, in the order of the model's blocks.
    pooling : str
        `last`, `mean` or `sum`.
    budget : int
        Tokens per batch, padding included.
    side : str
        Where shorter passages of a batch are padded, `right` or `left`; positions are counted
        from a passage's own first token.

    Returns
    -------
    dict of str to ndarray, shape (n_passages, n_units)

    Raises
    ------
    InputError
        If the model does not return what `names` asks for.
    ConcordError
        If a value is not finite, or a batch does not fit into memory.
    """
    parts = []
    for batch in batches(tokens, budget):
        try:
            parts.append(_run(network, tokenizer, batch, names, pooling=pooling, side=side))
        except torch.OutOfMemoryError as error:
            do = "Set CONCORD_BATCH_TOKENS to less, or CONCORD_DEVICE=cpu."
            raise ConcordError("out of memory", where=network.device, got=budget, do=do) from error
    layers = {name: np.concatenate([part[name] for part in parts]) for name in names}
    for name, values in layers.items():
        if not np.isfinite(values).all():
            raise ConcordError("values that are not finite", where=f"{name} of the model")
    return layers


def _run(
    network: Any,
    tokenizer: Any,
    batch: Sequence[Tokens],
    names: Sequence[str],
    *,
    pooling: str,
    side: str,
) -> dict[str, NDArray[np.float32]]:
    """One batch through the model."""
    device = network.device
    padded = pad(network, tokenizer, batch, side)
    focus = torch.zeros(padded["input_ids"].shape, dtype=torch.bool)
    for row, passage in zip(focus, batch, strict=True):
        start = len(row) - len(passage) if side == "left" else 0
        row[start : start + len(passage)] = torch.from_numpy(passage.focus)
    focus = focus.to(device)
    attend = any(name.startswith("attention_") for name in names)
    output = network(**padded, output_hidden_states=True, output_attentions=attend)

    check_positions(output.hidden_states, focus.shape, network)
    weights = pooling_weights(focus, pooling)[:, None]
    # What a model makes of padding may not be finite, and 0 times it is not 0.
    unread = ~focus[..., None]
    pooled = [
        (
            weights.to(states.device) @ states.float().masked_fill(unread.to(states.device), 0)
        ).squeeze(1)
        for states in output.hidden_states
    ]
    if attend:
        queries = pooling_weights(focus, "last" if pooling == "last" else "mean")
        lengths = torch.tensor([len(passage) for passage in batch], device=device)
        blocks = output.get("attentions") or ()
        _check_attention(blocks, focus.shape, network)
        pooled += [describe_attention(block, focus, queries, lengths) for block in blocks]
    if len(pooled) != len(names):
        raise InputError(
            "model does not return every layer",
            where=type(network).__name__,
            expected=f"{len(names)} ({names[0]} to {names[-1]})",
            got=len(pooled),
            do=("Set story.extract.attention to false, or use" if attend else "Use")
            + " another model.",
        )
    return {name: values.cpu().numpy() for name, values in zip(names, pooled, strict=True)}


def check_positions(states: Any, shape: torch.Size, network: Any) -> None:
    """Raise `InputError` unless every layer has a vector for each token of each passage."""
    wrong = [one for one in states or () if one.ndim != 3 or one.shape[:2] != shape]
    if wrong or not states:
        raise InputError(
            "layers that are not one vector per token",
            where=type(network).__name__,
            expected=f"{shape[0]} passages × {shape[1]} tokens × units",
            got=" × ".join(map(str, wrong[0].shape)) if wrong else "none",
            do="Use another model.",
        )


def _check_attention(blocks: Any, shape: torch.Size, network: Any) -> None:
    """Raise `InputError` unless attention is from every token to every token."""
    for block in blocks:
        got = None if block is None else tuple(block.shape)
        if got is None or len(got) != 4 or (got[0], *got[2:]) != (shape[0], shape[1], shape[1]):
            raise InputError(
                "attention that is not from token to token",
                where=type(network).__name__,
                expected=f"({shape[0]}, any, {shape[1]}, {shape[1]})",
                got=got,
                do="Set story.extract.attention to false, or use another model.",
            )


def pad(network: Any, tokenizer: Any, batch: Sequence[Tokens], side: str) -> dict[str, Any]:
    """Put passages into tensors of one length, with what the network needs to ignore the rest."""
    inputs = {name: [passage.inputs[name] for passage in batch] for name in batch[0].inputs}
    padded = tokenizer.pad(
        inputs, padding_side=side, return_attention_mask=True, return_tensors="pt"
    ).to(network.device)
    if side == "left":
        positions = padded["attention_mask"].cumsum(1) - 1
        padded["position_ids"] = positions.clamp(min=0)
    if "attention_mask" not in inspect.signature(network.forward).parameters:
        del padded["attention_mask"]
    return dict(padded)
