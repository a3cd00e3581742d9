"""What is measured of simulated people: networks of voxels, and reading times."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]

VOXELS = 12  # of a network
# Milliseconds: for any word, for each letter, for each bit of surprisal; and how much of it is
# noise, and a reader's own pace, on the scale of logarithms.
BASE, PER_LETTER, PER_BIT = 260.0, 6.0, 9.0
NOISE, PACE = 0.25, 0.15
UNREAD = 0.1  # share of the words that a reader was not timed on


@dataclass(frozen=True)
class Network:
    """Voxels of some people who follow the same course or, without one, nothing.

    Attributes
    ----------
    name : str
    course : ndarray, shape (n_sentences,), or None
        Of variance 1.
    """

    name: str
    course: Array | None


def measure_network(
    network: Network, n_sentences: int, signal: float, rng: np.random.Generator
) -> Array:
    """Measure the voxels of one person, shape (n_sentences, VOXELS).

    Noise that a person's voxels share has variance 1, and as much is each voxel's own; `signal` is
    the standard deviation of what all people share.
    """
    course = np.zeros(n_sentences) if network.course is None else network.course
    shared = signal * course + rng.standard_normal(n_sentences)
    return shared[:, None] + rng.standard_normal((n_sentences, VOXELS))


def bound(signal: float) -> float:
    """Correlation of one person's mean over voxels with the mean of infinitely many others."""
    noise = 1 + 1 / VOXELS
    return float(signal / np.sqrt(signal**2 + noise))


def reading_times(
    words: Sequence[str], surprisal: Array, readers: int, rng: np.random.Generator
) -> Array:
    """Time readers on words, in milliseconds, shape (n_words, readers); NaN where one was not.

    Parameters
    ----------
    words : sequence of str
    surprisal : ndarray, shape (n_words,)
        Bits.
    readers : int
    rng : Generator
    """
    letters = np.array([len(word) for word in words], dtype=float)
    mean = np.log(BASE + PER_LETTER * letters + PER_BIT * surprisal)
    pace = PACE * rng.standard_normal(readers)
    noise = NOISE * rng.standard_normal((len(words), readers))
    times: Array = np.exp(mean[:, None] + pace + noise).round(1)
    times[rng.random(times.shape) < UNREAD] = np.nan
    return times
