"""How well a language model predicts a text: its loss on each next token.

Loss is the negative natural logarithm of the probability that the model gave to the token that
came. Per token it depends on how the tokenizer cuts; per word and in bits per byte of UTF-8 it does
not, so that models of different tokenizers compare.
"""

import math
import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from stages.core.nets.counting import count_parameters
from stages.core.nets.hardware import BATCH_TOKENS, suited_threads
from stages.core.nets.language_head import Reader, open_language_model
from stages.core.nets.text_tokens import encode
from stages.core.run.errors import InputError

Losses = NDArray[np.float64]


@dataclass(frozen=True)
class TextLoss:
    """How well a text was predicted.

    Attributes
    ----------
    per_token, per_word : float
        Nats.
    bits_per_byte : float
    tokens, words, bytes : int
        How many were predicted: where nothing comes before a text, all but its first token, the
        words after the one that this begins, and the bytes after it.
    """

    per_token: float
    per_word: float
    bits_per_byte: float
    tokens: int
    words: int
    bytes: int


def text_loss(
    model: Path | Reader, texts: Sequence[str], device: torch.device, stride: int | None = None
) -> TextLoss:
    """Measure the next-token loss of a model on texts, each read from its beginning.

    A text longer than the model takes at once is read in windows of that length, each `stride`
    tokens on from the last. Of each only tokens not seen before count, so that all have at least
    `longest` - `stride` tokens before them, but those of the first window.

    Parameters
    ----------
    model : Path or Reader
        A folder with a model, or a model that is open.
    texts : sequence of str
        One per run, words apart by blanks.
    device : torch.device
    stride : int, optional
        Half the model's length unless given.

    Raises
    ------
    InputError
        If the model predicts no next word or no finite loss, or no text has two tokens.
    """
    reader = model if isinstance(model, Reader) else open_language_model(model, device)
    with suited_threads(count_parameters(reader.network)):
        pieces = [_one_text(reader, text, stride) for text in texts]
    nats, word_nats, tokens, words, size = np.sum(pieces, axis=0) if pieces else np.zeros(5)
    if not (tokens and words):
        got = f"{len(pieces)} texts with {int(tokens)} tokens to predict"
        raise InputError("too little text", expected="two words or more", got=got)
    if not math.isfinite(nats):
        raise InputError("model without a finite loss", where=reader.network.name_or_path, got=nats)
    return TextLoss(
        per_token=float(nats / tokens),
        per_word=float(word_nats / words),
        bits_per_byte=float(nats / math.log(2) / size),
        tokens=int(tokens),
        words=int(words),
        bytes=int(size),
    )


def _one_text(reader: Reader, text: str, stride: int | None) -> tuple[float, float, int, int, int]:
    """Sum the nats of a text's tokens and of its whole words; count tokens, words and bytes."""
    (read,) = encode(reader.tokenizer, [text])
    ids, special, ends = np.array(read.inputs["input_ids"]), read.special, read.offsets[:, 1]
    if len(ids) < 2:
        return 0.0, 0.0, 0, 0, 0
    begun = 0 if special[0] else int(ends[0])
    counted = ~special & (ends > begun)
    losses = np.zeros(len(ids))
    losses[1:] = token_losses(reader.network, ids, reader.longest, stride)
    words = [match.span() for match in re.finditer(r"\S+", text)]
    skipped = max((stop for start, stop in words if start < begun), default=0)
    return (
        float(losses[counted].sum()),
        float(losses[counted & (ends > skipped)].sum()),
        int(counted.sum()),
        sum(start >= begun for start, _ in words),
        len(text[begun:].encode()),
    )


@torch.inference_mode()
def token_losses(
    network: Any, ids: NDArray[np.intp], longest: int, stride: int | None = None
) -> Losses:
    """Loss of each token but the first, in nats, shape (n_tokens - 1,); see `text_loss`.

    Raises
    ------
    InputError
        If the stride is not one that fits into a window.
    """
    longest = min(longest, len(ids))
    step = max(longest // 2, 1) if stride is None else stride
    if not 1 <= step < max(longest, 2):
        expected = f"1 to {longest - 1}, less than the model's length"
        raise InputError("wrong stride", expected=expected, got=step)
    starts = [*range(0, len(ids) - longest, step), len(ids) - longest]
    losses = np.full(len(ids) - 1, np.nan)
    at_once = max(BATCH_TOKENS["cpu"] // longest, 1)
    for first in range(0, len(starts), at_once):
        batch = starts[first : first + at_once]
        shown = torch.as_tensor(np.stack([ids[k : k + longest] for k in batch]))
        shown = shown.to(network.device)
        logits = network(input_ids=shown, use_cache=False).logits[:, :-1].float()
        found = torch.nn.functional.cross_entropy(
            logits.transpose(1, 2), shown[:, 1:], reduction="none"
        )
        for start, row in zip(batch, found.double().cpu().numpy(), strict=True):
            unseen = np.isnan(losses[start : start + longest - 1])
            losses[start : start + longest - 1][unseen] = row[unseen]
    return losses
