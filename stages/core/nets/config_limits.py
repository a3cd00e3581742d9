"""What a configuration says a network can take, and whether that can be."""

from pathlib import Path
from typing import Any

import torch
from transformers import AutoModel

from stages.core.run.errors import InputError

MOST_BLOCKS = 10_000
ANOTHER = "Use another model, or the one that it was made of."


def text_config(config: Any) -> Any:
    """Return the configuration of the part that reads, where words are not all a network takes."""
    return getattr(config, "text_config", None) or config


def check_config(config: Any, folder: Path) -> None:
    """Raise `InputError` if a network cannot be made as it says, or its numbers are not its own."""
    if getattr(config, "quantization_config", None):
        raise InputError(
            "quantised model",
            where=folder / "config.json",
            expected="no quantization_config",
            got="one",
            do=ANOTHER,
        )
    blocks = getattr(text_config(config), "num_hidden_layers", None)
    if blocks is None:
        return
    if not isinstance(blocks, int) or not 0 < blocks <= MOST_BLOCKS:
        raise InputError(
            "wrong configuration",
            where=folder / "config.json",
            expected=f"num_hidden_layers from 1 to {MOST_BLOCKS}",
            got=repr(blocks),
            do="Fetch the model again.",
        )


def vocabulary(config: Any) -> int | None:
    """Tokens that a network has vectors for, by its configuration; None if it does not say."""
    size = getattr(text_config(config), "vocab_size", None)
    return size if isinstance(size, int) and size > 0 else None


def position_limit(config: Any) -> int | None:
    """Tokens that a network has positions for, by its configuration; None without a limit.

    Networks like RoBERTa count positions from behind the one that pads, so that of as many vectors
    of positions the first are never reached.
    """
    positions = getattr(text_config(config), "max_position_embeddings", None)
    if not isinstance(positions, int) or positions < 1:
        return None
    return positions - _skipped(text_config(config), positions)


def _skipped(config: Any, positions: int) -> int:
    """Vectors of positions before the first that a text has."""
    try:
        with torch.device("meta"):
            network = AutoModel.from_config(config, trust_remote_code=False)
    except Exception:  # the network itself will say why it cannot be made
        return 0
    for name, module in network.named_modules():
        # Subclasses make positions of their own, by a formula.
        if type(module) is torch.nn.Embedding and name.endswith("position_embeddings"):
            padding = module.padding_idx
            if padding is not None and module.num_embeddings == positions > padding + 1:
                return int(padding) + 1
    return 0
