"""Texts as models and word vectors know them: letters with their marks as one sign."""

import logging
from dataclasses import replace
from typing import Final
from unicodedata import is_normalized, normalize

from stages.core.recording.types import Recording
from stages.prepare.usable_targets import NAMED

log = logging.getLogger("concord.prepare")

FORM: Final = "NFC"


def composed(recording: Recording) -> Recording:
    """Write the texts of stimuli in Unicode's composed form (NFC), and tell how many were not.

    `é` may be written as `e` and an accent after it, which looks the same and is another word to
    tokenizers and word vectors.
    """
    texts = recording.stimuli["text"]
    apart = texts[[not is_normalized(FORM, text) for text in texts]]
    if apart.empty:
        return recording
    log.info(
        "%s: %d of %d texts had letters and their marks apart, now composed: %s%s",
        *(recording.dataset, len(apart), len(texts), ", ".join(apart.head(NAMED))),
        ", …" if len(apart) > NAMED else "",
    )
    stimuli = recording.stimuli.assign(text=[normalize(FORM, text) for text in texts])
    return replace(recording, stimuli=stimuli)
