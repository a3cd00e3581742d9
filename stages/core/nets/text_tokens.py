"""Texts as tokens, each with the characters that it stands for.

Fast tokenizers tell the characters of every token. Slow ones (CTRL, XLM) do not: there a token
stands for a whole word, found by what the tokenizer makes of each word by itself.
"""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from stages.core.run.errors import InputError

Offsets = NDArray[np.int64]


@dataclass(frozen=True)
class Encoded:
    """A text as a model takes it.

    Attributes
    ----------
    inputs : dict of str to list of int
        The model's arguments, `input_ids` first among them, one number per token.
    special : ndarray of bool, shape (n_tokens,)
        Tokens that the tokenizer added.
    offsets : ndarray of int, shape (n_tokens, 2)
        First character of a token, and that after its last: of the whole word, where the tokenizer
        does not tell; of special tokens nothing is meant.
    """

    inputs: dict[str, list[int]]
    special: NDArray[np.bool_]
    offsets: Offsets


def encode(tokenizer: Any, texts: Sequence[str], *, special: bool = True) -> list[Encoded]:
    """Turn texts into tokens.

    Parameters
    ----------
    tokenizer
        Of transformers, fast or slow.
    texts : sequence of str
    special : bool
        Whether the tokenizer adds its special tokens.

    Raises
    ------
    InputError
        If a slow tokenizer makes tokens of several words at once.
    """
    if not tokenizer.is_fast:
        own = _words_alone(tokenizer)
        return [_encode_slowly(tokenizer, text, own, special=special) for text in texts]
    found = tokenizer(
        list(texts),
        add_special_tokens=special,
        return_offsets_mapping=True,
        return_special_tokens_mask=True,
        verbose=False,
    )
    names = [name for name in tokenizer.model_input_names if name in found]
    return [
        Encoded(
            {name: found[name][k] for name in names},
            np.array(found["special_tokens_mask"][k], dtype=bool),
            np.array(found["offset_mapping"][k], dtype=np.int64).reshape(-1, 2),
        )
        for k in range(len(texts))
    ]


def _plain(tokenizer: Any, text: str) -> list[int]:
    return list(tokenizer(text, add_special_tokens=False, verbose=False)["input_ids"])


def _words_alone(tokenizer: Any) -> Callable[[str], tuple[int, ...]]:
    """From a word, with the blank before it, to its tokens; words come again and again."""
    return lru_cache(maxsize=100_000)(lambda word: tuple(_plain(tokenizer, word)))


def _encode_slowly(
    tokenizer: Any, text: str, own: Callable[[str], tuple[int, ...]], *, special: bool
) -> Encoded:
    """Encode a text whose tokens do not tell their characters."""
    found = tokenizer(text, add_special_tokens=special, verbose=False)
    ids, plain = list(found["input_ids"]), _plain(tokenizer, text)
    first = _begin(ids, plain)
    added = np.ones(len(ids), dtype=bool)
    added[first : first + len(plain)] = False
    offsets = np.zeros((len(ids), 2), dtype=np.int64)
    offsets[~added] = word_offsets(text, plain, own)
    names = [name for name in tokenizer.model_input_names if name in found]
    return Encoded({name: list(found[name]) for name in names}, added, offsets)


def _begin(ids: list[int], plain: list[int]) -> int:
    """Tell how many special tokens come before the others."""
    for first in range(len(ids) - len(plain) + 1):
        if ids[first : first + len(plain)] == plain:
            return first
    raise InputError("special tokens amid the text", where="tokenizer", got=ids[:20])


def word_offsets(text: str, plain: Sequence[int], own: Callable[[str], tuple[int, ...]]) -> Offsets:
    """Find the word that each token stands for.

    The tokens of the text are set beside those of its words, one after the other. Where they
    differ, as where a word is read otherwise at the end of a text, the tokens are those of the one
    word that lies there.

    Parameters
    ----------
    text : str
    plain : sequence of int
        Its tokens, without special ones.
    own : callable
        From a word, with a blank before it unless it is the first, to its own tokens.

    Returns
    -------
    ndarray of int, shape (n_tokens, 2)
        First character of the word, and that after its last.

    Raises
    ------
    InputError
        If the tokens of several words differ at once.
    """
    spans = [match.span() for match in re.finditer(r"\S+", text)]
    alone = [own(" " * bool(k) + text[slice(*span)]) for k, span in enumerate(spans)]
    joined = [token for word in alone for token in word]
    word_of = np.repeat(np.arange(len(spans)), [len(word) for word in alone])
    if list(plain) == joined:
        return np.array(spans, dtype=np.int64).reshape(-1, 2)[word_of]
    words = np.zeros(len(plain), dtype=np.int64)
    matcher = SequenceMatcher(None, joined, list(plain), autojunk=False)
    for kind, start, stop, first, last in matcher.get_opcodes():
        here = word_of[start:stop] if stop > start else word_of[max(start - 1, 0) : start or 1]
        if kind != "equal" and len(set(here)) != 1:
            # Only whole words may be gone, which the caller will miss.
            if first == last:
                continue
            raise InputError(
                "tokens of several words at once",
                where="tokenizer",
                got=repr(text[:60]),
                do="Use another model.",
            )
        words[first:last] = here if kind == "equal" else here[0]
    return np.array(spans, dtype=np.int64)[words]
