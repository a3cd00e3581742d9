"""Captions as passages: plain, or as what a user says to a model that chats."""

import inspect
from collections.abc import Callable
from datetime import datetime
from typing import Any

import pandas as pd
from transformers.models.auto.modeling_auto import (
    MODEL_FOR_CAUSAL_LM_MAPPING_NAMES as CAUSAL,
)
from transformers.models.auto.modeling_auto import (
    MODEL_FOR_MASKED_LM_MAPPING_NAMES as MASKED,
)

from stages.core.params.schema import PLACEHOLDER, ExtractScene
from stages.core.run.errors import ConcordError, InputError

# Stands for the caption where it is looked for in a template; no caption has it.
PLACE = "\ue000"
# Templates ask by this name for today, which would be another text every day. They are told the day
# that those of Llama say where none is known.
CLOCK = "strftime_now"
DAY = datetime(2024, 7, 26)
DIRECTIVES = ("%-d", "%-m", *(f"%{letter}" for letter in "aAbBcdHIjmMpSUwWxXyYZ"))


def own_template(settings: ExtractScene, tokenizer: Any) -> str:
    """Template that a tokenizer's captions are put in: `plain` where it has none to chat with."""
    return settings.template if tokenizer.chat_template else "plain"


def presenter(settings: ExtractScene, tokenizer: Any) -> Callable[[str], str]:
    """From captions to all that is shown: what a user says, in the template.

    The prompt is taken literally, so that braces mean nothing but where the captions go.
    """
    before, _, after = settings.prompt.partition(PLACEHOLDER)
    template = own_template(settings, tokenizer)

    def show(captions: str) -> str:
        said = f"{before}{captions}{after}"
        if template == "plain":
            return said
        return _turn(tokenizer, said, begun=template == "reply")

    return show


def _turn(tokenizer: Any, said: str, *, begun: bool) -> str:
    """Put a user's turn in the tokenizer's template, and begin the model's or not."""
    turn = [{"role": "user", "content": said}]
    template = dated(tokenizer.get_chat_template())
    shown = tokenizer.apply_chat_template(
        turn, chat_template=template, tokenize=False, add_generation_prompt=begun
    )
    return str(shown)


def dated(template: str) -> str:
    """Let a template that writes the date always write that of `DAY`; others stay as they are."""
    if CLOCK not in template:
        return template
    told = "".join(f" | replace('{one}', '{DAY.strftime(one)}')" for one in DIRECTIVES)
    return f"{{%- macro {CLOCK}(format) -%}}{{{{ format{told} }}}}{{%- endmacro -%}}{template}"


def presentation(settings: ExtractScene, tokenizer: Any) -> str:
    """Say what is shown, as `stages.core.activations.activations.Activations` has it.

    Of a template that begins no reply, whether it is asked to or not, none is said to be begun.
    """
    shown = "caption" if settings.captions == "first" else "all captions"
    within = "" if settings.prompt == PLACEHOLDER else f" in {settings.prompt!r}"
    begun = own_template(settings, tokenizer) == "reply" and (
        _turn(tokenizer, PLACE, begun=True) != _turn(tokenizer, PLACE, begun=False)
    )
    dates = own_template(settings, tokenizer) != "plain" and CLOCK in tokenizer.get_chat_template()
    day = f", on {DAY:%d %b %Y}" if dates else ""
    return f"{shown}{within}{', reply begun' if begun else ''}{day}"


def caption_passages(stimuli: pd.DataFrame, show: Callable[[str], str]) -> pd.DataFrame:
    """Turn captions into passages.

    Parameters
    ----------
    stimuli : DataFrame
        A recording's stimuli.
    show : callable
        Made by `presenter`.

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
    texts = [show(caption) for caption in captions]
    passages = pd.DataFrame({"id": stimuli["id"].to_numpy(), "text": texts})
    before = show(PLACE).index(PLACE)
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


def padding_side(config: Any, network: Any) -> str:
    """`left` for causal models, as they are run to generate, else `right`.

    Causal means that transformers has the architecture as a causal and not as a masked model. A
    model that cannot be told its positions is padded on the right, which a causal one does not see.
    """
    causal = config.model_type in CAUSAL and config.model_type not in MASKED
    told = "position_ids" in inspect.signature(network.forward).parameters
    return "left" if causal and told and not config.is_encoder_decoder else "right"
