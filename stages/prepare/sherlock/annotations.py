"""What the segments of a film show, as their annotations have it, and what stands beside it."""

from collections.abc import Sequence

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from stages.core.run.errors import InputError
from stages.prepare.lexical import log_frequency
from stages.prepare.sherlock.segments import (
    AROUSAL,
    CAMERA,
    MUSIC,
    PRESENT,
    SCREEN,
    SPACE,
    SPEAKING,
    VALENCE,
)

SIGNS = {"+": 1.0, "-": -1.0, "": np.nan}
# Annotations of fewer segments are no features.
FEWEST = 20


def segment_features(table: pd.DataFrame, ids: Sequence[str]) -> pd.DataFrame:
    """Make features of the annotations that at least 20 segments have.

    Arousal and valence are means over the raters who rated a segment; of a valence, + is 1 and
    − is −1.
    """
    valence = pd.DataFrame({name: _signs(table[name]) for name in VALENCE}).mean(axis=1)
    found = {
        "Speech/any": _present(table[SPEAKING]),
        "Music/any": _answer(table[MUSIC], "Yes", ("No",)),
        "Visual/outdoor": _answer(table[SPACE], "Outdoor", ("Indoor", "Unknown", "Various")),
        "Visual/words_on_screen": _present(table[SCREEN]),
        "Emotion/arousal": table[AROUSAL].mean(axis=1).to_numpy(),
        "Emotion/valence": valence.to_numpy(),
    }
    lists = {"Speech": SPEAKING, "Characters": PRESENT, "Visual": CAMERA}
    for kind, column in lists.items():
        found |= {f"{kind}/{name}": has for name, has in _terms(table[column]).items()}
    return pd.DataFrame({"id": list(ids), **found})


def segment_nuisance(table: pd.DataFrame, stimuli: pd.DataFrame) -> pd.DataFrame:
    """Make nuisance variables: what a description may stand for though it does not say so.

    Whether somebody speaks and whether there is music, which early auditory cortex hears whatever
    is said; number and mean frequency of the description's words; seconds that it is on.
    """
    words = [text.split() for text in stimuli["text"]]
    return pd.DataFrame(
        {
            "id": stimuli["id"],
            "speech": _present(table[SPEAKING]),
            "music": _answer(table[MUSIC], "Yes", ("No",)),
            "words": [float(len(some)) for some in words],
            "log_frequency": [float(np.mean([log_frequency(w) for w in some])) for some in words],
            "seconds": stimuli["duration"],
        }
    )


def _present(texts: pd.Series) -> NDArray[np.float64]:
    """1 where a cell holds something."""
    return np.asarray(texts.str.strip() != "", dtype=float)


def _signs(texts: pd.Series) -> "pd.Series[float]":
    """1 for +, −1 for −, missing for nothing."""
    _refuse_others(texts, tuple(SIGNS))
    return texts.map(SIGNS).astype(float)


def _answer(texts: pd.Series, yes: str, others: Sequence[str]) -> NDArray[np.float64]:
    """1 where a cell holds one of the known answers."""
    _refuse_others(texts, (yes, *others))
    return np.asarray(texts == yes, dtype=float)


def _refuse_others(texts: pd.Series, known: tuple[str, ...]) -> None:
    """Raise `InputError` if a cell holds another answer than the known ones."""
    wrong = texts[~texts.isin(known)]
    if len(wrong):
        where = f"{texts.name} of segment {wrong.index[0] + 1}"
        raise InputError("unknown answer", where=where, expected=known, got=wrong.iloc[0])


def _terms(texts: pd.Series) -> dict[str, NDArray[np.float64]]:
    """Which segments have each of the terms, listed with commas, that enough of them have."""
    lists = [{term.strip() for term in text.split(",")} - {""} for text in texts]
    counts = pd.Series([term for terms in lists for term in sorted(terms)], dtype=str)
    often = counts.value_counts()
    return {
        str(term): np.array([float(term in terms) for terms in lists])
        for term in sorted(often.index[often >= FEWEST])
    }
