"""Whether a network has vectors for the tokens that it is given, and a tokenizer for the words."""

import logging
from collections.abc import Sequence
from typing import Any

import numpy as np

from stages.core.run.errors import InputError
from stages.extract.words.tokens import Tokens

log = logging.getLogger("concord.extract")

# From which share of unknown tokens on it is worth a line.
WORTH_SAYING = 0.02
DO = "The tokenizer is not this network's: fetch the model again, or use another one."


def check_known(tokens: Sequence[Tokens], tokenizer: Any, where: object) -> None:
    """Say in the log how many tokens of the focus are unknown words.

    Raises
    ------
    InputError
        If all of them are.
    """
    unknown = tokenizer.unk_token_id
    if unknown is None or not tokens:
        return
    focus = np.concatenate([np.array(one.inputs["input_ids"])[one.focus] for one in tokens])
    share = float(np.mean(focus == unknown))
    if share == 1:
        raise InputError(
            "tokenizer that knows none of the words", where=where, got="only unknown tokens", do=DO
        )
    if share >= WORTH_SAYING:
        log.warning("%s: %.0f %% of the tokens are of words unknown to it", where, 100 * share)


def check_vectors(tokens: Sequence[Tokens], network: Any, where: object) -> None:
    """Raise `InputError` if a token has no vector in a network's table of them."""
    try:
        known = network.get_input_embeddings().num_embeddings
    except (NotImplementedError, AttributeError):  # such as of characters, by hashes
        return
    largest = max((max(one.inputs["input_ids"]) for one in tokens), default=0)
    if largest >= known:
        expected = f"tokens below {known}, as many as it has vectors for"
        raise InputError(
            "token outside the network", where=where, expected=expected, got=largest, do=DO
        )
