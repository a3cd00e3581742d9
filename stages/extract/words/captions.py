"""Captions as passages: plain, or as what a user says to a model that chats."""

import inspect
from typing import Any

import pandas as pd
from transformers.models.auto.modeling_auto import (
    MODEL_FOR_CAUSAL_LM_MAPPING_NAMES as CAUSAL,
)
from transformers.models.auto.modeling_auto import (
    MODEL_FOR_MASKED_LM_MAPPING_NAMES as MASKED,
)

from stages.core.run.errors import ConcordError, InputError

# Stands for the caption where it is looked for in a template; no caption has it.
PLACE = "\ue000"


def caption_passages(stimuli: pd.DataFrame, tokenizer: Any, *, chat: bool) -> pd.DataFrame:
    """Turn captions into passages.

    Parameters
    ----------
    stimuli : DataFrame
        A recording's stimuli.
    tokenizer
    chat : bool
        Whether the tokenizer's chat template is put around them.

    Returns
    -------
    DataFrame
        One row per stimulus: id, text, and the characters [start, stop) of the caption in it.

    Raises
    ------
    InputError
        If a stimulus has no caption.
    ConcordError
        If the template does not show captions as they are.
    """
    captions = stimuli["text"].str.strip()
    silent = stimuli["id"][captions == ""]
    if len(silent):
        raise InputError("stimulus without a caption", where="stimuli", got=silent.iloc[0])
    passages = pd.DataFrame({"id": stimuli["id"].to_numpy(), "text": captions.to_numpy()})
    before = 0
    if chat:
        passages["text"] = [_said(tokenizer, caption) for caption in captions]
        before = _said(tokenizer, PLACE).index(PLACE)
    passages["start"] = before
    passages["stop"] = before + captions.str.len().to_numpy()
    for name, text, caption in zip(passages["id"], passages["text"], captions, strict=True):
        shown = text[before : before + len(caption)]
        if shown != caption:
            raise ConcordError(
                "chat template changes the caption",
                where=f"stimuli, {name}",
                expected=repr(caption),
                got=repr(shown),
                do="Set scene.extract.template to plain.",
            )
    return passages


def _said(tokenizer: Any, text: str) -> str:
    """Text as a user's turn."""
    turn = [{"role": "user", "content": text}]
    return str(tokenizer.apply_chat_template(turn, tokenize=False))


def padding_side(config: Any, network: Any) -> str:
    """`left` for causal models, as they are run to generate, else `right`.

    Causal means that transformers has the architecture as a causal and not as a masked model. A
    model that cannot be told its positions is padded on the right, which a causal one does not see.
    """
    causal = config.model_type in CAUSAL and config.model_type not in MASKED
    told = "position_ids" in inspect.signature(network.forward).parameters
    return "left" if causal and told and not config.is_encoder_decoder else "right"
