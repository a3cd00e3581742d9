"""The 195 features of the story: what a network can read from it, and what it cannot."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from stages.simulate.story.annotation import Block, annotate
from stages.simulate.story.story import Token
from stages.simulate.story.timetable import RUNS

Array = NDArray[np.float64]

NORM_NUMBERS = (
    1, 10, 15, 21, 30, 48, 66, 72, 75, 82, 97, 98, 117, 132, 135, 163, 170, 182, 197, 213,
    222, 253, 255, 264, 282, 284, 286, 297, 298, 303, 312, 319, 323, 324, 334, 349, 373, 380,
    389, 399, 430, 435, 447, 454, 456, 467, 469, 474, 475, 488, 493, 509, 512, 519, 527, 535,
    538, 545, 549, 557, 560, 566, 582, 586, 592, 603, 612, 615, 620, 635, 646, 653, 673, 681,
    696, 698, 700, 722, 724, 774, 775, 777, 779, 780, 784, 796, 797, 808, 856, 859, 864, 866,
    873, 893, 928, 946, 971, 977, 978, 984,
)  # fmt: skip
HIGHEST_NORM = 0.96
CONTENT_TAGS = {"NN", "NNS", "JJ", "RB", "VB", "VBD", "VBG", "VBN"}
ABSENT_EMOTIONS = ("cynical_sticky", "hurtMental_sticky", "hurtPhys_sticky", "relief_sticky")
# Words that an emotion lasts, and the share of words it covers, as those in the text.
EPISODE_LENGTH = 10.0
EPISODE_SHARE = 0.04
# Features of these types follow from the words shown, those of Visual and Word_Num
# from their letters and their place.
READABLE = (
    "Speech",
    "Motion",
    "Emotion",
    "Verbs",
    "Characters",
    "Part_of_speech",
    "Dependency_role",
)
# A planted feature marks at least this share of the words of every run.
LEAST_SHARE = 0.01


@dataclass(frozen=True)
class StoryFeatures:
    """The blocks in file order, and which of their features, as type/name, are in the text.

    Attributes
    ----------
    blocks : list of Block
    planted : list of str
        Functions of the text, frequent in every run.
    absent : list of str
        Drawn independently of the text.
    """

    blocks: list[Block]
    planted: list[str]
    absent: list[str]

    def planted_of(self, kind: str) -> list[str]:
        """Name the planted features of one type, as type/name."""
        return [name for name in self.planted if name.startswith(f"{kind}/")]

    def planted_values(self, kind: str) -> Array:
        """Values of the planted features of one type, shape (n_words, n_features)."""
        block = next(block for block in self.blocks if block.kind == kind)
        chosen = self.planted_of(kind)
        return block.values[:, [f"{kind}/{name}" in chosen for name in block.names]]


def make_features(tokens: Sequence[Token], rng: np.random.Generator) -> StoryFeatures:
    """Annotate the story with all 195 features.

    Of the 100 semantic norms, the first 50 are a fixed sparse vector of each content word
    and the others have the same values in an order that has nothing to do with the text.
    Some emotions go on and off by chance. What is absent is so at paragraph marks too:
    zeros there would tell a network when it cannot be on.

    Parameters
    ----------
    tokens : sequence of Token
        The whole story, with the lengths of `RUNS`.
    rng : Generator
    """
    names = tuple(f"s1000_{number}" for number in NORM_NUMBERS)
    half = len(names) // 2
    known = word_norms(tokens, half, rng)
    unknown = rng.permuted(known, axis=0)
    blocks = [Block("NNSE", names, np.hstack([known, unknown]))]
    blocks += [_with_absent_emotions(block, rng) for block in annotate(tokens)]
    absent = [f"NNSE/{name}" for name in names[half:]]
    absent += [f"Emotion/{name}" for name in ABSENT_EMOTIONS]
    planted = [f"NNSE/{name}" for name in names[:half]]
    planted += [
        feature for block in blocks for feature in _frequent(block) if feature not in absent
    ]
    return StoryFeatures(blocks, planted, absent)


def word_norms(tokens: Sequence[Token], n_norms: int, rng: np.random.Generator) -> Array:
    """Give every content word a sparse non-negative vector, the same wherever it occurs.

    Returns
    -------
    ndarray, shape (n_words, n_norms)
        Each norm holds for 3 to 8 % of the words; 0 for function words and names.
    """
    content = np.array([token.word if CONTENT_TAGS & {*token.tags[:1]} else "" for token in tokens])
    types, index, counts = np.unique(content, return_inverse=True, return_counts=True)
    norms = np.zeros((len(types), n_norms))
    for norm in norms.T:
        order = rng.permutation(np.flatnonzero(types != ""))
        covered = np.cumsum(counts[order]) / len(tokens)
        chosen = order[: 1 + np.searchsorted(covered, rng.uniform(0.03, 0.07))]
        norm[chosen] = np.minimum(rng.gamma(2, 0.1, len(chosen)), HIGHEST_NORM)
    return norms[index]


def episodes(n_words: int, share: float, length: float, rng: np.random.Generator) -> Array:
    """Switch on and off by chance: a Markov chain of two states.

    Parameters
    ----------
    n_words : int
    share : float
        Expected share of the words during which it is on.
    length : float
        Expected number of words that it stays on.

    Returns
    -------
    ndarray of 0 and 1, shape (n_words,)
    """
    off = max(1, round(length * (1 - share) / share))
    states = np.zeros(n_words)
    end = 0
    while end < n_words:
        start = end + rng.geometric(1 / off)
        end = start + rng.geometric(1 / length)
        states[start:end] = 1
    return states


def _with_absent_emotions(block: Block, rng: np.random.Generator) -> Block:
    values = block.values.copy()
    for column, name in enumerate(block.names):
        if block.kind == "Emotion" and name in ABSENT_EMOTIONS:
            values[:, column] = episodes(len(values), EPISODE_SHARE, EPISODE_LENGTH, rng)
    return replace(block, values=values)


def _frequent(block: Block) -> list[str]:
    """Name the readable features that are frequent in every run."""
    if block.kind not in READABLE:
        return []
    runs = np.split(block.values > 0, np.cumsum([run.n_words for run in RUNS])[:-1])
    share = np.min([run.mean(axis=0) for run in runs], axis=0)
    return [
        f"{block.kind}/{name}"
        for name, least in zip(block.names, share, strict=True)
        if least >= LEAST_SHARE
    ]
