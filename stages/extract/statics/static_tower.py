"""Opening what stands beside networks of words: static word vectors, trigrams and controls."""

import hashlib
import logging
from collections import Counter
from pathlib import Path

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from stages.core.names.models import CONTROL, TRIGRAM, ModelSpec
from stages.core.params.schema import ExtractStory
from stages.core.run.errors import InputError
from stages.core.run.files import sha256
from stages.extract.statics.packaged_vectors import SPACY_MD, packaged_vectors
from stages.extract.statics.trigram_surprisal import passage_surprisal
from stages.extract.statics.word_controls import control_values, focuses
from stages.extract.statics.word_vectors import Vector, WordVectors, forms, read_text_vectors
from stages.extract.towers import ONLY_LAYER, Ints, Layers, OpenedModel, Replica, Tower

log = logging.getLogger("concord.extract")

SHARD = 512
SHOWN = 8


def open_static(spec: ModelSpec, passages: pd.DataFrame, settings: ExtractStory) -> OpenedModel:
    """Prepare word vectors, trigrams or a control, of one layer, for the passages of a story.

    Only the focus of a passage counts, and for trigrams the two words before each of its own. Its
    words are averaged where a network's last token would be taken.

    Parameters
    ----------
    spec : ModelSpec
        Of scheme `static`, `trigram` or `control`.
    passages : DataFrame
        Made by `stages.extract.words.passages.make_passages`.
    settings : ExtractStory

    Raises
    ------
    InputError
        If there is no such file or package, it has none of the words, or is too short to count.
    """
    # The last word of several is not what a network makes of them at the last.
    pooling = "mean" if settings.pooling == "last" else settings.pooling
    if spec.scheme == CONTROL:
        revision = ""
        values = control_values(spec, passages, pooling).astype(np.float32)
    elif spec.scheme == TRIGRAM:
        values = passage_surprisal(spec, passages, pooling)
        revision = sha256(Path(spec.name).expanduser())
    else:
        texts = focuses(passages)
        known = word_vectors(spec, {word for text in texts for word in text.split()})
        revision = known.revision
        values = np.stack([pool(known, text, pooling) for text in texts])
        _report(known, spec, texts)

    def run(rows: Ints) -> Layers:
        return Layers({ONLY_LAYER: values[rows]}, {ONLY_LAYER: values.shape[1]})

    return OpenedModel(
        modality="language",
        revision=revision,
        dtype="float32",
        presentation=settings.presentation,
        pooling=pooling,
        tokenizer="",
        towers=[Tower("", np.arange(len(passages)), SHARD, lambda: [Replica(0, run)])],
        context=settings.context if settings.presentation == "context" else None,
    )


def word_vectors(spec: ModelSpec, words: set[str]) -> WordVectors:
    """Find the vectors of words, or draw those of the untrained twin.

    The twin knows the same words; its numbers are standard normal and depend on nothing but the
    seed and the word.

    Raises
    ------
    InputError
        If there is no such file or package, or it is unreadable.
    """
    wanted = {form for word in words for form in forms(word)}
    if spec.name == SPACY_MD:
        vectors, units, revision = packaged_vectors(wanted)
    else:
        path = Path(spec.name).expanduser()
        if not path.is_file():
            expected = f"{SPACY_MD}, or a file of word vectors"
            raise InputError("no such word vectors", where=spec.string, expected=expected)
        vectors, units = read_text_vectors(path, wanted)
        revision = sha256(path)
    if spec.seed is not None:
        vectors = {word: normal(spec.seed, word, units) for word in vectors}
    return WordVectors(vectors, units, revision)


def normal(seed: int, word: str, units: int) -> Vector:
    """Draw standard normal numbers that depend on nothing but the arguments."""
    name = hashlib.sha256(word.encode()).digest()
    rng = np.random.default_rng([seed, *np.frombuffer(name, "<u4").tolist()])
    return rng.standard_normal(units, dtype=np.float32)


def pool(known: WordVectors, text: str, pooling: str) -> NDArray[np.float32]:
    """Vector of a text: of its last word, or the mean or sum over its words; unknown ones are 0."""
    words = text.split()[-1:] if pooling == "last" else text.split()
    total = np.zeros(known.units, dtype=np.float32)
    for word in words:
        vector = known.find(word)
        total += 0 if vector is None else vector
    return total / np.float32(len(words) if pooling == "mean" else 1)


def _report(known: WordVectors, spec: ModelSpec, texts: list[str]) -> None:
    """Tell in the log which words have no vector; raise `InputError` if none has one."""
    words = [word for text in texts for word in text.split()]
    unknown = Counter(word for word in words if known.find(word) is None)
    missing = sum(unknown.values())
    if missing == len(words):
        expected = "a vector for some word"
        raise InputError(
            "word vectors of other words", where=spec.string, expected=expected, got="none"
        )
    if missing:
        some = ", ".join(repr(word) for word, _ in unknown.most_common(SHOWN))
        log.warning(
            "%s: %d of %d words (%d different) have no vector and are zeros: %s%s",
            *(spec.label, missing, len(words), len(unknown), some),
            ", …" if len(unknown) > SHOWN else "",
        )
