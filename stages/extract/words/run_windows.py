"""Runs of words cut into windows that a network takes, and each word found in one of them."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from stages.core.nets.text_tokens import Encoded, encode
from stages.core.run.errors import InputError
from stages.extract.towers import Ints
from stages.extract.words.first_tokens import first_token


@dataclass(frozen=True)
class Window:
    """A stretch of a run as a network takes it, and the passages that are taken from it.

    Attributes
    ----------
    inputs : dict of str to list of int
        The network's arguments, one number per token.
    rows : ndarray of int, shape (n_passages,)
    focus : list of ndarray of int
        The tokens of each of these passages.
    """

    inputs: dict[str, list[int]]
    rows: Ints
    focus: list[NDArray[np.intp]]


def run_windows(tokenizer: Any, passages: pd.DataFrame, longest: int) -> list[Window]:
    """Cut runs into windows, and find each passage in the one that shows most before it.

    Raises
    ------
    InputError
        If a passage has no token, or more than half a window.
    """
    windows = []
    for _, own in passages.reset_index(drop=True).groupby("run", sort=False):
        whole = _begun(tokenizer, encode(tokenizer, [max(own["text"].tolist(), key=len)])[0])
        focus = [_focus(whole, row) for row in own.itertuples()]
        windows += _windows(whole, own.index.to_numpy(), focus, longest)
    return windows


def _begun(tokenizer: Any, whole: Encoded) -> Encoded:
    """Put a special token before a run, where the tokenizer does not; see `first_tokens`."""
    token = first_token(tokenizer)
    if token is None or whole.special[0]:
        return whole
    first = {"input_ids": token, "attention_mask": 1}
    inputs = {name: [first.get(name, 0), *given] for name, given in whole.inputs.items()}
    nowhere = np.zeros((1, 2), dtype=np.int64)
    return Encoded(inputs, np.r_[True, whole.special], np.concatenate([nowhere, whole.offsets]))


def _focus(whole: Encoded, row: Any) -> NDArray[np.intp]:
    """Find the tokens of a passage's characters [start, stop)."""
    inside = (whole.offsets[:, 0] < row.stop) & (whole.offsets[:, 1] > row.start)
    found = np.flatnonzero(inside & ~whole.special)
    if not len(found):
        got = repr(row.text[row.start : row.stop])
        raise InputError("text without a token", where=f"stimuli, {row.id}", got=got)
    return found


def _windows(
    whole: Encoded, rows: Ints, focus: Sequence[NDArray[np.intp]], longest: int
) -> list[Window]:
    """Cut one run, each window after the first half a window on; special tokens come first."""
    n = len(whole.special)
    begun = int(np.argmin(whole.special))
    size = min(longest - begun, n - begun)
    step = max(size // 2, 1)
    starts = [*range(begun, max(n - size, begun), step), max(n - size, begun)]
    first, last = (np.array([one[place] for one in focus]) for place in (0, -1))
    # The earliest window that holds the end of a passage shows most of what is before it.
    home = np.searchsorted(np.array(starts) + size, last, side="right")
    cut = np.flatnonzero(first < np.array(starts)[home])
    if len(cut):
        raise InputError(
            "passage too long", expected=f"at most {step} tokens", got=len(focus[int(cut[0])])
        )
    windows = []
    for place, start in enumerate(starts):
        here = np.flatnonzero(home == place)
        kept = [*range(begun), *range(start, start + size)]
        inputs = {name: [given[k] for k in kept] for name, given in whole.inputs.items()}
        moved = [focus[k] - start + begun for k in here.tolist()]
        if len(here):
            windows.append(Window(inputs, rows[here], moved))
    return windows
