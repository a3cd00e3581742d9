"""What the model reads: one passage per word or per TR."""

import logging
from collections import deque
from itertools import islice

import numpy as np
import pandas as pd

from stages.core.run.errors import InputError

log = logging.getLogger("concord.extract")


def make_passages(stimuli: pd.DataFrame, presentation: str, context: int) -> pd.DataFrame:
    """Cut the stimuli into passages.

    Parameters
    ----------
    stimuli : DataFrame
        A recording's stimuli, in order.
    presentation : str
        `context`: each stimulus, with the words before it in its run. `window`: the words of one
        sample.
    context : int
        Words in a passage, those of the current stimulus included, which is shown whole; 0 for all
        of its run until then (`context` only).

    Returns
    -------
    DataFrame
        One row per passage: id, sample, run, onset of its first and offset of its last word
        in seconds, text, and the characters [start, stop) of the text to be pooled: its focus.
        In `context` the id and the times are those of the current stimulus; in `window` the id
        is that of the sample.

    Raises
    ------
    InputError
        If there is no passage, or windows are asked for where samples are not intervals of time.
    """
    shown = stimuli if presentation == "context" else _in_samples(stimuli)
    if shown.empty:
        raise InputError("no passage", where="stimuli", expected="at least one word to show")
    return _contexts(shown, context) if presentation == "context" else _windows(shown)


def _contexts(stimuli: pd.DataFrame, context: int) -> pd.DataFrame:
    """Each stimulus, a word or several, after words of the same run; one blank between words."""
    read: dict[object, deque[str]] = {}
    texts, lengths = [], []
    for run, text in zip(stimuli["run"], stimuli["text"], strict=True):
        words = read.setdefault(run, deque(maxlen=context or None))
        own = text.split()
        before = max(context - len(own), 0) if context else len(words)
        shown = islice(words, max(len(words) - before, 0), None)
        texts.append(" ".join([*shown, *own]))
        lengths.append(len(" ".join(own)))
        words.extend(own)
    passages = stimuli[["id", "sample", "run", "onset"]].copy()
    passages["offset"] = stimuli["onset"] + stimuli["duration"]
    passages["text"] = texts
    passages["stop"] = passages["text"].str.len()
    passages["start"] = passages["stop"] - np.array(lengths)
    return passages.reset_index(drop=True)


def _in_samples(stimuli: pd.DataFrame) -> pd.DataFrame:
    """Words that began during a kept sample; the others are skipped, with a count."""
    if (stimuli["sample"] == stimuli["id"]).any():
        raise InputError(
            "windows need TRs",
            where="stimuli",
            expected="words that share a sample",
            got="one sample per word",
            do="Set story.extract.presentation to context.",
        )
    shown = stimuli[stimuli["sample"] != ""]
    skipped = len(stimuli) - len(shown)
    if skipped:
        log.info("skipped %d of %d words: outside every kept sample", skipped, len(stimuli))
    return shown


def _windows(stimuli: pd.DataFrame) -> pd.DataFrame:
    """Join the words of each sample."""
    words = stimuli.assign(offset=stimuli["onset"] + stimuli["duration"])
    passages = words.groupby("sample", sort=False).agg(
        run=("run", "first"),
        onset=("onset", "first"),
        offset=("offset", "last"),
        text=("text", " ".join),
    )
    passages = passages.reset_index()
    return passages.assign(id=passages["sample"], start=0, stop=passages["text"].str.len())
