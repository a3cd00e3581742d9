"""The first token of a text, on which causal networks put attention that has no better place.

Whatever it is, its values are many times those of any other (Xiao et al. 2024, ICLR), so that a
word which is the first token of its passage is like no other word.
"""

from collections.abc import Sequence
from typing import Any

import numpy as np
import torch

from stages.core.run.errors import InputError
from stages.extract.words.tokens import Tokens


def first_token(tokenizer: Any) -> int | None:
    """Find the special token that can stand before a text; None of a tokenizer without."""
    begin, end = tokenizer.bos_token_id, tokenizer.eos_token_id
    token: int | None = end if begin is None else begin
    return token


def is_pooled_first(passage: Tokens, pooling: str) -> bool:
    """Whether a passage's vector is made of its first token."""
    return bool(passage.focus[0]) and (pooling != "last" or passage.focus.sum() == 1)


def begun(tokens: Sequence[Tokens], tokenizer: Any, pooling: str, longest: int) -> Sequence[Tokens]:
    """Put a special token before passages whose vectors would be made of their first token.

    Parameters
    ----------
    tokens : sequence of Tokens
    tokenizer
        One without such a token leaves passages as they are.
    pooling : str
    longest : int
        Tokens that the model takes at once.

    Raises
    ------
    InputError
        If there is no room for it.
    """
    token = first_token(tokenizer)
    if token is None:
        return tokens
    return [_begun(one, token, longest) if is_pooled_first(one, pooling) else one for one in tokens]


def _begun(passage: Tokens, token: int, longest: int) -> Tokens:
    if len(passage) >= longest:
        raise InputError(
            "passage too long for the model",
            where="stimuli",
            expected=f"at most {longest - 1} tokens, after a special one",
            got=len(passage),
        )
    first = {"input_ids": token, "attention_mask": 1}
    inputs = {name: [first.get(name, 0), *given] for name, given in passage.inputs.items()}
    return Tokens(inputs, np.r_[False, passage.focus])


@torch.inference_mode()
def sees_no_further(network: Any) -> bool:
    """Tell whether another last token leaves all layers before it as they were."""
    ids = torch.arange(1, 9, device=network.device)[None]
    other = ids.clone()
    other[0, -1] = 0
    one, two = (
        network(input_ids=given, output_hidden_states=True).hidden_states for given in (ids, other)
    )
    return all(
        bool(torch.allclose(a[:, :-1], b[:, :-1], rtol=1e-4, atol=1e-4, equal_nan=True))
        for a, b in zip(one, two, strict=True)
    )
