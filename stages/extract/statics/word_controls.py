"""Controls of a story: what a word's mere identity, length and place can predict."""

import hashlib

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from stages.core.names.models import ModelSpec, control_draw, control_units
from stages.core.run.errors import InputError
from stages.extract.statics.word_vectors import PUNCTUATION

Values = NDArray[np.float64]

# Signs that end a sentence, also before those that close a quotation or a bracket.
ENDS, CLOSING = (".", "!", "?"), "'\"”’)]"


def control_values(spec: ModelSpec, passages: pd.DataFrame, pooling: str) -> Values:
    """Values of a control for every passage's focus.

    `random-N` has N numbers per word type (a word in lower case, without punctuation), uniform
    between 0 and 1, pooled over the words as vectors are: a random projection of which word it is,
    drawn anew for `random-N:DRAW`; `length` the number of words and of characters; `position` that
    of the passage in its run, from 1, and of its last word in its sentence.

    Returns
    -------
    ndarray, shape (n_passages, n_units)
    """
    texts = focuses(passages)
    units = control_units(spec)
    if units:
        draw = control_draw(spec)
        return np.stack([_random(text, units, pooling, draw) for text in texts])
    if spec.name == "length":
        counts = [(len(text.split()), len(text)) for text in texts]
        return np.array(counts, dtype=np.float64)
    places = np.ones(len(texts))
    sentences = np.zeros(len(texts))
    for run in passages["run"].unique():
        rows = np.flatnonzero(passages["run"] == run)
        places[rows] = np.arange(1, len(rows) + 1)
        sentences[rows] = places_in_sentence([texts[row] for row in rows])
    return np.column_stack([places, sentences])


def focuses(passages: pd.DataFrame) -> list[str]:
    """Texts of the focus of every passage.

    Raises
    ------
    InputError
        If one has no word.
    """
    rows = passages[["id", "text", "start", "stop"]].itertuples(index=False)
    texts = []
    for name, text, start, stop in rows:
        texts.append(text[start:stop])
        if not texts[-1].strip():
            got = repr(texts[-1])
            raise InputError("text without a word", where=f"stimuli, {name}", got=got)
    return texts


def places_in_sentence(texts: list[str]) -> list[int]:
    """Count the words of its sentence up to the last of each text of a run."""
    places, place, ended = [], 0, True
    for text in texts:
        for word in text.split():
            place = 1 if ended else place + 1
            ended = word.rstrip(CLOSING).endswith(ENDS)
        places.append(place)
    return places


def _random(text: str, units: int, pooling: str, draw: str) -> Values:
    words = text.split()[-1:] if pooling == "last" else text.split()
    total: Values = np.stack([uniform(word, units, draw) for word in words]).sum(axis=0)
    return total / len(words) if pooling == "mean" else total


def uniform(word: str, units: int, draw: str = "") -> Values:
    """Draw numbers between 0 and 1 that depend on nothing but the word type, and the draw."""
    kind = word.strip(PUNCTUATION).lower() or word
    drawn = f"{kind}\0{draw}" if draw else kind
    name = hashlib.sha256(drawn.encode()).digest()
    return np.random.default_rng(np.frombuffer(name, "<u4").tolist()).random(units)
