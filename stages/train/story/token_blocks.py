"""A text as blocks of tokens, and which of them make up each batch."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from stages.core.run.errors import InputError
from stages.train.seeded import rng_of

Blocks = NDArray[np.int64]


def token_blocks(tokenizer: Any, text: str, block: int, where: object) -> Blocks:
    """Cut the tokens of a text into blocks that overlap in one token.

    Returns
    -------
    ndarray of int, shape (n_blocks, block + 1)
        All but the last token of a block predict all but the first; what is left over is dropped.

    Raises
    ------
    InputError
        If the text is shorter than one block.
    """
    tokens = np.array(tokenizer(text, truncation=False, verbose=False)["input_ids"], dtype=np.int64)
    n_blocks = (len(tokens) - 1) // block
    if n_blocks < 1:
        raise InputError(
            "text shorter than one block",
            where=where,
            expected=f"at least {block + 1} tokens",
            got=len(tokens),
            do="Take a longer text, a smaller train.story.block or another train.story.held_out.",
        )
    blocks: Blocks = tokens[np.arange(n_blocks)[:, None] * block + np.arange(block + 1)]
    return blocks


def batch_rows(n_blocks: int, batch: int, step: int, seed: int) -> NDArray[np.intp]:
    """Rows of the blocks of update number `step`, from 1.

    The blocks are gone through again and again, each time in another order, without a pause
    between: a batch may hold the end of one round and the beginning of the next.
    """
    places = np.arange((step - 1) * batch, step * batch)
    rounds = places // n_blocks
    orders = {k: rng_of(seed, int(k)).permutation(n_blocks) for k in np.unique(rounds)}
    rows = [orders[k][place % n_blocks] for k, place in zip(rounds, places, strict=True)]
    return np.array(rows, dtype=np.intp)
