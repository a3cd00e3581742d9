"""Properties of words that need no annotation, and the nuisance variables made of them."""

import numpy as np
import pandas as pd
from wordfreq import zipf_frequency


def word_length(token: str) -> int:
    """Count letters and digits; a mark without any, such as `+`, counts 1."""
    return sum(character.isalnum() for character in token) or 1


def log_frequency(token: str) -> float:
    """Zipf frequency in English (van Heuven et al. 2014); 0 for marks and unknown words."""
    return float(zipf_frequency(token, "en"))


def lexical_features(stimuli: pd.DataFrame) -> pd.DataFrame:
    """Length and frequency of every word, as features of the type `Lexical`."""
    return pd.DataFrame(
        {
            "id": stimuli["id"],
            "Lexical/word_length": stimuli["text"].map(word_length).astype(float),
            "Lexical/log_frequency": stimuli["text"].map(log_frequency).astype(float),
        }
    )


def nuisance_variables(stimuli: pd.DataFrame) -> pd.DataFrame:
    """Word rate (1 for every word), length and frequency of every word."""
    lexical = lexical_features(stimuli)
    return pd.DataFrame(
        {
            "id": stimuli["id"],
            "word_rate": np.ones(len(stimuli)),
            "word_length": lexical["Lexical/word_length"],
            "log_frequency": lexical["Lexical/log_frequency"],
        }
    )
