"""Passages as tokens, with the tokens that are pooled."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from stages.core.run.errors import InputError

SHORTEN = "Lower story.extract.context, or show contexts instead of windows."


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
    tokenizer: Any, passages: pd.DataFrame, longest: int, *, special: bool = True, do: str = SHORTEN
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
    do : str
        What to do about a passage that is too long.

    Raises
    ------
    InputError
        Naming the first passage that is longer than `longest` tokens, or whose focus
        the tokenizer leaves without a token.
    """
    encoded = tokenizer(
        passages["text"].tolist(),
        add_special_tokens=special,
        return_offsets_mapping=True,
        return_special_tokens_mask=True,
        verbose=False,
    )
    names = [name for name in tokenizer.model_input_names if name in encoded]
    tokens = []
    rows = passages[["id", "text", "start", "stop"]].itertuples(index=False)
    for k, (name, text, start, stop) in enumerate(rows):
        offsets = np.array(encoded["offset_mapping"][k]).reshape(-1, 2)
        added = np.array(encoded["special_tokens_mask"][k], dtype=bool)
        focus = ~added & (offsets[:, 0] < stop) & (offsets[:, 1] > start)
        if len(focus) > longest:
            raise InputError(
                "passage too long for the model",
                where=f"stimuli, {name}",
                expected=f"at most {longest} tokens",
                got=len(focus),
                do=do,
            )
        if not focus.any():
            raise InputError(
                "text without a token",
                where=f"stimuli, {name}",
                got=repr(text[start:stop]),
                do="Correct it in the stimuli, or use another model.",
            )
        tokens.append(Tokens({argument: encoded[argument][k] for argument in names}, focus))
    return tokens


def batches(tokens: Sequence[Tokens], budget: int) -> Iterator[Sequence[Tokens]]:
    """Cut passages sorted from long to short into batches of at most `budget` padded tokens."""
    start = 0
    while start < len(tokens):
        stop = start + max(1, budget // len(tokens[start]))
        yield tokens[start:stop]
        start = stop
