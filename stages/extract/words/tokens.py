"""Passages as tokens, with the tokens that are pooled."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from stages.core.nets.text_tokens import Encoded, encode
from stages.core.run.errors import InputError

# Passages that are encoded together.
AT_ONCE = 512
SHORTEN = (
    "Lower `context` in story.extract or language.extract (0 takes what fits), or show contexts "
    "instead of windows."
)


@dataclass(frozen=True)
class Tokens:
    """A passage as the model takes it.

    Attributes
    ----------
    inputs : dict of str to list of int
        The model's arguments, one number per token.
    focus : ndarray of bool, shape (n_tokens,)
        The tokens that are pooled.
    """

    inputs: dict[str, list[int]]
    focus: NDArray[np.bool_]

    def __len__(self) -> int:
        return len(self.focus)


def tokenize(
    tokenizer: Any,
    passages: pd.DataFrame,
    longest: int,
    *,
    special: bool = True,
    cut: bool = False,
    do: str = SHORTEN,
) -> list[Tokens]:
    """Turn passages into tokens.

    A token belongs to the focus if it is not special and covers a character of it.

    Parameters
    ----------
    tokenizer
    passages : DataFrame
        One row per passage: id, text, and its focus, the characters [start, stop) of the text.
    longest : int
        Tokens that the model takes at once.
    special : bool
        Whether the tokenizer adds its special tokens; a chat template has them already.
    cut : bool
        Whether a passage that is too long loses its first tokens, but for special ones and those of
        the focus.
    do : str
        What to do about a passage that is too long.

    Raises
    ------
    InputError
        Naming the first passage that is longer than `longest` tokens (or, if `cut`, what must stay
        of it), or whose focus the tokenizer leaves without a token.
    """
    tokens = []
    shown = passages[["id", "text", "start", "stop"]]
    for first in range(0, len(shown), AT_ONCE):
        rows = list(shown[first : first + AT_ONCE].itertuples(index=False))
        lefts = [_left(text, start, longest) if cut else 0 for _, text, start, _ in rows]
        texts = [row[1][left:] for row, left in zip(rows, lefts, strict=True)]
        found = encode(tokenizer, texts, special=special)
        for (name, text, start, stop), left, encoded in zip(rows, lefts, found, strict=True):
            focus = _focus(encoded, start - left, stop - left)
            if not focus.any():
                raise InputError(
                    "text without a token",
                    where=f"stimuli, {name}",
                    got=repr(text[start:stop]),
                    do="Correct it in the stimuli, or use another model.",
                )
            kept = _kept(encoded, focus, longest) if cut else np.ones(len(focus), dtype=bool)
            if kept.sum() > longest:
                raise InputError(
                    "passage too long for the model",
                    where=f"stimuli, {name}",
                    expected=f"at most {longest} tokens",
                    got=int(kept.sum()),
                    do=do,
                )
            tokens.append(_tokens(encoded, focus, kept))
    return tokens


def _focus(encoded: Encoded, start: int, stop: int) -> NDArray[np.bool_]:
    offsets = encoded.offsets
    return ~encoded.special & (offsets[:, 0] < stop) & (offsets[:, 1] > start)


def _tokens(encoded: Encoded, focus: NDArray[np.bool_], kept: NDArray[np.bool_]) -> Tokens:
    if kept.all():
        return Tokens(encoded.inputs, focus)
    inputs = {name: np.array(values)[kept].tolist() for name, values in encoded.inputs.items()}
    return Tokens(inputs, focus[kept])


def _kept(encoded: Encoded, focus: NDArray[np.bool_], longest: int) -> NDArray[np.bool_]:
    """Leave out as many of the first tokens as needed, of those that may be left out."""
    kept = np.ones(len(focus), dtype=bool)
    before = ~encoded.special & (np.arange(len(focus)) < np.argmax(focus))
    kept[np.flatnonzero(before)[: max(len(focus) - longest, 0)]] = False
    return kept


def _left(text: str, start: int, longest: int) -> int:
    """Where to begin a passage of which more words than the model takes come before the focus.

    Each word is a token at least, and one word more than fits is left, so that this saves time and
    changes no token that is kept, unless the tokenizer looks across words.
    """
    words = list(re.finditer(r"\S+", text[:start])) if start > longest else []
    return words[-longest - 1].start() if len(words) > longest + 1 else 0


def ended(passage: Tokens) -> Tokens:
    """Pool the last token of a passage instead of its focus, special or not."""
    return Tokens(passage.inputs, np.arange(len(passage)) == len(passage) - 1)


def batches(tokens: Sequence[Tokens], budget: int) -> Iterator[Sequence[Tokens]]:
    """Cut passages sorted from long to short into batches of at most `budget` padded tokens."""
    start = 0
    while start < len(tokens):
        stop = start + max(1, budget // len(tokens[start]))
        yield tokens[start:stop]
        start = stop
