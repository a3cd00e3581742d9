"""Surprisal: how unexpected each word of a text was, given the words before it.

The surprisal of a word is the sum of the losses of its tokens, in nats (Hale 2001; Levy 2008). The
blank before a word belongs to it.
"""

from collections.abc import Sequence
from itertools import accumulate

import numpy as np
from numpy.typing import NDArray

from stages.core.nets.counting import count_parameters
from stages.core.nets.hardware import suited_threads
from stages.core.nets.language_head import Reader
from stages.core.nets.next_word import token_losses
from stages.core.nets.text_tokens import encode
from stages.core.run.errors import InputError

MOST = 2048  # tokens at once, where a model takes more: logits of 50,000 words each fill memory


def word_surprisals(
    reader: Reader, words: Sequence[str], stride: int | None = None
) -> tuple[NDArray[np.float64], NDArray[np.int64]]:
    """Measure the surprisal of the words of one run, each after all words before it.

    Of a text longer than the model takes at once, or than `MOST` tokens, words have at least that
    less `stride` tokens before them; see `stages.core.nets.next_word.text_loss`.

    Parameters
    ----------
    reader : Reader
    words : sequence of str, length n_words
        Or parts of several words; they are read with a blank between.
    stride : int, optional
        Half the model's length unless given.

    Returns
    -------
    nats : ndarray, shape (n_words,)
        Missing (NaN) of the first, which nothing comes before.
    bytes : ndarray of int, shape (n_words,)
        Of UTF-8, the blank before a word included.

    Raises
    ------
    InputError
        If a word has no token, or the model no finite loss.
    """
    size = np.array([len(word.encode()) + bool(k) for k, word in enumerate(words)], dtype=np.int64)
    if not len(words):
        return np.zeros(0), size
    (read,) = encode(reader.tokenizer, [" ".join(words)])
    ids = np.array(read.inputs["input_ids"])
    losses = np.zeros(len(ids))
    if len(ids) > 1:
        with suited_threads(count_parameters(reader.network)):
            losses[1:] = token_losses(reader.network, ids, min(reader.longest, MOST), stride)
    word_of = np.searchsorted(_stops(words), read.offsets[:, 1])[~read.special]
    _check_tokens(words, np.bincount(word_of, minlength=len(words)))
    nats = np.bincount(word_of, losses[~read.special], len(words)).astype(np.float64)
    nats[0] = np.nan
    wrong = nats[1:][~np.isfinite(nats[1:])]
    if len(wrong):
        where = reader.network.name_or_path
        raise InputError("model without a finite loss", where=where, got=wrong[0])
    return nats, size


def _stops(words: Sequence[str]) -> NDArray[np.int64]:
    """Characters up to the end of each word."""
    return np.array(list(accumulate(len(word) + 1 for word in words)), dtype=np.int64) - 1


def _check_tokens(words: Sequence[str], tokens: NDArray[np.int64]) -> None:
    """Raise `InputError` unless every word has a token and a character."""
    for word, count in zip(words, tokens, strict=True):
        if not (count and word.strip()):
            raise InputError(
                "text without a token",
                where="stimuli",
                got=repr(word),
                do="Correct it in the stimuli, or use another model.",
            )
