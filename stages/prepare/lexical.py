"""Properties of words that need no annotation, and the nuisance variables made of them."""

import numpy as np
import pandas as pd
from wordfreq import available_languages, zipf_frequency

from stages.core.run.errors import InputError

ENGLISH = "en"
PLACES = 8  # of a run, each told apart


def word_length(token: str) -> int:
    """Count letters and digits; a mark without any, such as `+`, counts 1."""
    return sum(character.isalnum() for character in token) or 1


def log_frequency(token: str, language: str = ENGLISH) -> float:
    """Zipf frequency in a language (van Heuven et al. 2014); 0 for marks and unknown words."""
    return float(zipf_frequency(token, language))


def check_language(language: str, key: str) -> None:
    """Raise `InputError` unless frequencies of words are known in a language.

    Parameters
    ----------
    language : str
        Code of ISO 639, such as `en`.
    key : str
        The parameter that names it, for the message.
    """
    known = sorted(available_languages())
    where = f"params.yaml: {key}"
    if language not in known:
        raise InputError("unknown language", where=where, expected=", ".join(known), got=language)
    try:
        zipf_frequency("a", language)
    except ModuleNotFoundError as error:
        do = f"Install it: pip install 'wordfreq[cjk]' ({error})"
        raise InputError(
            "package missing for a language", where=where, got=language, do=do
        ) from error


def lexical_features(stimuli: pd.DataFrame, language: str = ENGLISH) -> pd.DataFrame:
    """Length and frequency of every word, as features of the type `Lexical`."""
    frequencies = [log_frequency(token, language) for token in stimuli["text"]]
    return pd.DataFrame(
        {
            "id": stimuli["id"],
            "Lexical/word_length": stimuli["text"].map(word_length).astype(float),
            "Lexical/log_frequency": np.array(frequencies, dtype=float),
        }
    )


def nuisance_variables(stimuli: pd.DataFrame, language: str = ENGLISH) -> pd.DataFrame:
    """Word rate (1 for every word), length and frequency of every word."""
    lexical = lexical_features(stimuli, language)
    return pd.DataFrame(
        {
            "id": stimuli["id"],
            "word_rate": np.ones(len(stimuli)),
            "word_length": lexical["Lexical/word_length"],
            "log_frequency": lexical["Lexical/log_frequency"],
        }
    )


def first_places(position: "pd.Series[int]") -> pd.DataFrame:
    """Mark the first places in a run, a column each, since what begins with it rises at no rate.

    Parameters
    ----------
    position : Series of int
        From 0.

    Returns
    -------
    DataFrame
        Columns `place_1` and so on up to `PLACES`, those that some stimuli have and others not.
    """
    marks = {f"place_{k + 1}": (position == k).astype(float) for k in range(PLACES)}
    found = {name: mark for name, mark in marks.items() if 0 < mark.mean() < 1}
    return pd.DataFrame(found, index=position.index)


def text_nuisance(stimuli: pd.DataFrame) -> pd.DataFrame:
    """How long each stimulus is, how frequent its words are, and where in its run it stands.

    Returns
    -------
    DataFrame
        Columns id, words, word_length (mean letters), log_frequency (mean Zipf frequency), position
        (from 0), and those of `first_places`.
    """
    words = [text.split() or [""] for text in stimuli["text"]]
    position = stimuli.groupby("run", sort=False).cumcount()
    table = pd.DataFrame(
        {
            "id": stimuli["id"],
            "words": [float(len(some)) for some in words],
            "word_length": [float(np.mean([word_length(word) for word in some])) for some in words],
            "log_frequency": [
                float(np.mean([log_frequency(word) for word in some])) for some in words
            ],
            "position": position.astype(float),
        }
    )
    return table.join(first_places(position))
