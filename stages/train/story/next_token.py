"""How well a language model predicts the next token of blocks of text."""

from typing import Any

import numpy as np
import torch
from torch.nn.functional import cross_entropy

from stages.train.story.token_blocks import Blocks
from stages.train.trainee import Measures


def next_token_loss(network: Any, blocks: torch.Tensor) -> torch.Tensor:
    """Mean loss in nats per token of a batch, shape (n_blocks, block + 1)."""
    logits = network(input_ids=blocks[:, :-1]).logits
    return cross_entropy(logits.flatten(0, 1).float(), blocks[:, 1:].flatten())


@torch.inference_mode()
def evaluate_words(network: Any, blocks: Blocks, batch: int, device: torch.device) -> Measures:
    """Measure a model on held-out blocks.

    Parameters
    ----------
    network : GPTNeoXForCausalLM or LstmForCausalLM
    blocks : ndarray of int, shape (n_blocks, block + 1)
    batch : int
        Blocks at once.
    device : torch.device

    Returns
    -------
    dict
        `heldout_loss` in nats per token, and `heldout_accuracy`: how often the likeliest token is
        the next one.
    """
    network.eval()
    loss, right, n_tokens = 0.0, 0, blocks[:, 1:].size
    for part in np.split(blocks, range(batch, len(blocks), batch)):
        tokens = torch.from_numpy(part).to(device)
        logits = network(input_ids=tokens[:, :-1]).logits.flatten(0, 1).float()
        following = tokens[:, 1:].flatten()
        loss += float(cross_entropy(logits, following, reduction="sum"))
        right += int((logits.argmax(1) == following).sum())
    return {"heldout_loss": loss / n_tokens, "heldout_accuracy": right / n_tokens}
