"""Layers that know nothing of the responses, but look like those of a network that reads."""

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.signal import lfilter

Array = NDArray[np.float64]
WIDTH = 48
MEMORY = 0.9  # from word to word, in every other unit
LOADING = 0.5  # of units on length and frequency


@dataclass(frozen=True)
class Layers:
    """What the words are to a network.

    Attributes
    ----------
    own : ndarray, shape (n_layers, n_words, n_units)
        What layers do not share with anything, of mean 0.
    values : ndarray, shape (n_layers, n_words, n_units)
        The same with an offset of every unit, and nuisance variables.
    """

    own: Array
    values: Array

    @property
    def names(self) -> list[str]:
        """As those of a network's blocks."""
        return [f"layer_{number:02}" for number in range(len(self.own))]


def draw_nuisance(ids: "pd.Series[str]", rng: np.random.Generator) -> pd.DataFrame:
    """Draw word rate, length and frequency, longer words being rarer."""
    length = 1.0 + rng.poisson(3.2, len(ids))
    frequency = 7.5 - 0.45 * length + rng.normal(0, 0.7, len(ids))
    rate = np.ones(len(ids))
    return pd.DataFrame(
        {"id": ids, "word_rate": rate, "word_length": length, "log_frequency": frequency}
    )


def draw_layers(nuisance: pd.DataFrame, n_layers: int, rng: np.random.Generator) -> Layers:
    """Draw layers; half of their units change slowly, all have a mean and follow nuisance.

    Parameters
    ----------
    nuisance : DataFrame
        From `draw_nuisance`.
    n_layers : int
    rng : Generator
    """
    own = rng.normal(size=(n_layers, len(nuisance), WIDTH))
    own[:, :, ::2] = remembered(own[:, :, ::2], MEMORY, axis=1)
    known = nuisance[["word_length", "log_frequency"]].to_numpy(float)
    known = (known - known.mean(axis=0)) / known.std(axis=0)
    loads = rng.normal(0, LOADING, size=(n_layers, known.shape[1], WIDTH))
    offsets = rng.normal(size=(n_layers, 1, WIDTH))
    return Layers(own, own + offsets + known @ loads)


def carrying(layers: Layers, nuisance: pd.DataFrame, rng: np.random.Generator) -> Layers:
    """Let every unit also carry length and frequency of the words before, as networks do.

    Each for as long as it remembers, with shares up to `MEMORY` from word to word.
    """
    n_layers, n_words, n_units = layers.own.shape
    known = nuisance[["word_length", "log_frequency"]].to_numpy(float)
    known = (known - known.mean(axis=0)) / known.std(axis=0)
    mixed = known @ rng.normal(0, 2 * LOADING, size=(n_layers, 2, n_units))
    before = np.concatenate([np.zeros_like(mixed[:, :1]), mixed[:, :-1]], axis=1)
    series = before.transpose(1, 0, 2).reshape(n_words, -1)
    kept = remembered(series, rng.uniform(0, MEMORY, series.shape[1]))
    carried = kept.reshape(n_words, n_layers, n_units).transpose(1, 0, 2)
    return Layers(layers.own, np.add(layers.values, carried))


def remembered(noise: Array, share: float | Array, axis: int = 0) -> Array:
    """Make series of variance 1 that keep a share of what they were, of white noise.

    Parameters
    ----------
    noise : ndarray
        Of variance 1.
    share : float, or ndarray with one for each column of a matrix whose axis 0 is time
    axis : int
        That of time, where all have the same share.
    """
    if np.ndim(share):
        columns = zip(noise.T, np.broadcast_to(share, noise.shape[1]), strict=True)
        return np.stack([remembered(one, float(own)) for one, own in columns], axis=1)
    start = np.moveaxis(noise, axis, 0).copy()
    start[0] /= np.sqrt(1 - share**2)
    made: Array = lfilter([np.sqrt(1 - share**2)], [1.0, -share], start, axis=0)
    return np.moveaxis(made, 0, axis)
