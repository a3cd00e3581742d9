"""What a model that counts trigrams tells of a story: the surprisal of its words."""

from collections.abc import Sequence
from functools import cache
from pathlib import Path

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from stages.core.names.models import ModelSpec
from stages.extract.statics.trigrams import ORDER, RAREST, Trigrams, count_trigrams, read_passages


@cache
def open_trigrams(path: Path) -> Trigrams:
    """Count the trigrams of a text in English.

    Raises
    ------
    InputError
        If the file is missing, no text, or too short.
    """
    from wordfreq import word_frequency  # noqa: PLC0415 (reads its lists)

    frequency = cache(lambda word: word_frequency(word, "en", minimum=RAREST))
    return count_trigrams(read_passages(path), frequency)


def passage_surprisal(spec: ModelSpec, passages: pd.DataFrame, pooling: str) -> NDArray[np.float32]:
    """Surprisal of the focus of every passage, after the words before it.

    Parameters
    ----------
    spec : ModelSpec
        Of scheme `trigram`.
    passages : DataFrame
        Made by `stages.extract.words.passages.make_passages`.
    pooling : str
        Over the words of the focus: last | mean | sum.

    Returns
    -------
    ndarray, shape (n_passages, 1)
        In nats.
    """
    model = open_trigrams(Path(spec.name).expanduser())
    values = []
    for text, start, stop in passages[["text", "start", "stop"]].itertuples(index=False):
        own = len(text[start:stop].split())
        near = text[:stop].split()[-own - ORDER + 1 :]
        values.append(_pool(np.array(model.surprisals(near)[-own:]), pooling))
    return np.array(values, dtype=np.float32)[:, None]


def _pool(nats: NDArray[np.float64], pooling: str) -> float:
    if pooling == "last":
        return float(nats[-1])
    return float(nats.mean() if pooling == "mean" else nats.sum())


def run_surprisals(
    spec: ModelSpec, words: Sequence[str]
) -> tuple[NDArray[np.float64], NDArray[np.int64]]:
    """Measure the surprisal of the stimuli of one run, sums over their words.

    Parameters
    ----------
    spec : ModelSpec
        Of scheme `trigram`.
    words : sequence of str
        The stimuli, in order, of one word or several.

    Returns
    -------
    nats : ndarray, shape (n_words,)
        Missing (NaN) of the first, as networks have it, which nothing comes before.
    bytes : ndarray of int, shape (n_words,)
        Of UTF-8, the blank before a stimulus included.
    """
    model = open_trigrams(Path(spec.name).expanduser())
    each = model.surprisals(" ".join(words).split())
    of = np.repeat(np.arange(len(words)), [len(word.split()) for word in words])
    nats = np.bincount(of, each, len(words)).astype(np.float64)
    nats[:1] = np.nan
    size = np.array([len(word.encode()) + bool(k) for k, word in enumerate(words)], dtype=np.int64)
    return nats, size
