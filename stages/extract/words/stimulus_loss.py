"""How well a language model predicts the very words that people read or heard."""

import logging

import pandas as pd

from stages.core.nets.hardware import choose_devices
from stages.core.nets.next_word import text_loss
from stages.core.nets.source import Source
from stages.core.run.errors import InputError

log = logging.getLogger("concord.extract")


def stimulus_loss(stimuli: pd.DataFrame, source: Source) -> dict[str, float]:
    """Measure the loss on the words of each run, joined by blanks.

    Parameters
    ----------
    stimuli : DataFrame
        A recording's stimuli.
    source : Source
        Of a language model.

    Returns
    -------
    dict
        `stimulus_loss` (nats per token) and `stimulus_bits` (bits per byte, which models of
        different tokenizers can be compared by); nothing of a model that predicts no words.
    """
    runs = [" ".join(words) for _, words in stimuli.groupby("run", sort=False)["text"]]
    try:
        found = text_loss(source.folder, runs, choose_devices()[0])
    except InputError as error:
        log.warning("no loss on the stimuli: %s", error)
        return {}
    return {"stimulus_loss": found.per_token, "stimulus_bits": found.bits_per_byte}
