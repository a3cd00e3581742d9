"""Features of words of which it is known whether a layer holds them."""

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from stages.calibrate.simulated_layers import Layers, remembered
from stages.calibrate.story_responses import planted

Array = NDArray[np.float64]
GAUSSIAN, BINARY, SMOOTH = "noise", "noise of 0 and 1", "noise, slow"
NUISANCE, DEALT = "nuisance and noise", "held, dealt to wrong words"
NO_FEATURES = (GAUSSIAN, BINARY, SMOOTH, NUISANCE, DEALT)
ONES = 0.3  # share of words that have a binary feature
MEMORY = 0.97  # of slow features, from word to word
SIZES = (0.1, 0.2, 0.4)  # correlation of what is planted with the feature


def draw_features(
    layers: Layers,
    nuisance: pd.DataFrame,
    runs: NDArray[np.generic],
    features: int,
    rng: np.random.Generator,
) -> pd.DataFrame:
    """Draw so many features of every kind, as columns `kind/name`.

    Of those that nuisance variables drive, layers hold something, but nothing beyond; those that
    are dealt to wrong words are what layers hold, in another order of the words of each run.

    Parameters
    ----------
    layers : Layers
    nuisance : DataFrame
        One row per word.
    runs : ndarray, shape (n_words,)
    features : int
    rng : Generator

    Returns
    -------
    DataFrame
        One row per word: id, and the features; of what is planted, the name is `layer.number`.
    """
    shape = (len(runs), features)
    variables = nuisance[["word_length", "log_frequency"]].to_numpy(float)
    at_layers = np.arange(features) % len(layers.own)
    mixed = np.stack([layers.own[at] @ rng.normal(size=layers.own.shape[2]) for at in at_layers], 1)
    held = (mixed - mixed.mean(axis=0)) / mixed.std(axis=0)
    driven = variables @ rng.normal(size=(variables.shape[1], features))
    made = {
        GAUSSIAN: rng.normal(size=shape),
        BINARY: (rng.random(shape) < ONES).astype(float),
        SMOOTH: remembered(rng.normal(size=shape), MEMORY),
        NUISANCE: driven + rng.normal(size=shape),
        DEALT: 1.0 + held[_dealt(runs, rng)],
    }
    columns = {
        f"{kind}/f{number:03}": column
        for kind, values in made.items()
        for number, column in enumerate(values.T)
    }
    for size in SIZES:
        noise = rng.normal(size=shape)
        values = size * held + np.sqrt(1 - size**2) * noise
        columns |= {
            f"{planted(size)}/{layers.names[at]}.{number}": values[:, number]
            for number, at in enumerate(at_layers)
        }
    return pd.DataFrame({"id": nuisance["id"], **columns})


def _dealt(runs: NDArray[np.generic], rng: np.random.Generator) -> NDArray[np.intp]:
    """Put the words of each run into another order."""
    order = np.arange(len(runs))
    for run in np.unique(runs):
        rows = np.flatnonzero(runs == run)
        order[rows] = rng.permutation(rows)
    return order
