"""The ten typed blocks of features of the release, from what the grammar knows."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from stages.simulate.story.story import PARAGRAPH, Token

# Where an event is marked: on the word that begins it, and from there to the end of the sentence.
# The release calls the former `_sticky` in Speech and Motion, the latter in Emotion.
PUNCTUAL = {
    "say": ("Speech", "speak_sticky"),
    "fly": ("Motion", "fly_sticky"),
    "manipulate": ("Motion", "manipulate_sticky"),
    "move": ("Motion", "move_sticky"),
    "collide": ("Motion", "collidePhys_sticky"),
    "annoyed": ("Emotion", "annoyed"),
    "commanding": ("Emotion", "commanding"),
    "dislike": ("Emotion", "dislike"),
    "fear": ("Emotion", "fear"),
    "like": ("Emotion", "like"),
    "nervousness": ("Emotion", "nervousness"),
    "questioning": ("Emotion", "questioning"),
    "wonder": ("Emotion", "wonder"),
}
LASTING = {
    "speech": ("Speech", "speak"),
    "fly": ("Motion", "fly"),
    "manipulate": ("Motion", "manipulate"),
    "move": ("Motion", "move"),
    "annoyed": ("Emotion", "annoyed_sticky"),
    "commanding": ("Emotion", "commanding_sticky"),
    "dislike": ("Emotion", "dislike_sticky"),
    "fear": ("Emotion", "fear_sticky"),
    "like": ("Emotion", "like_sticky"),
    "nervousness": ("Emotion", "nervousness_sticky"),
    "pleading": ("Emotion", "pleading_sticky"),
    "praising": ("Emotion", "praising_sticky"),
    "pride": ("Emotion", "pride_sticky"),
    "questioning": ("Emotion", "questioning_sticky"),
    "wonder": ("Emotion", "wonder_sticky"),
}
VERBS = {
    "be": {"be", "is", "are", "was", "were"},
    "hear": {"heard"},
    "know": {"know", "knew"},
    "see": {"see", "saw"},
    "tell": {"told", "tells"},
}
# The features of each type but the semantic norms, in file order.
NAMES = {
    kind: tuple(names.split())
    for kind, names in {
        "Speech": "speak_sticky speak",
        "Motion": "fly_sticky manipulate_sticky move_sticky collidePhys_sticky fly manipulate move",
        "Emotion": (
            "annoyed commanding dislike fear like nervousness questioning wonder annoyed_sticky "
            "commanding_sticky cynical_sticky dislike_sticky fear_sticky hurtMental_sticky "
            "hurtPhys_sticky like_sticky nervousness_sticky pleading_sticky praising_sticky "
            "pride_sticky questioning_sticky relief_sticky wonder_sticky"
        ),
        "Verbs": "be hear know see tell",
        "Characters": "draco filch harry herm hooch minerva neville peeves ron wood",
        "Visual": "word_length var_WL",
        "Word_Num": "sentence_length",
        "Part_of_speech": (
            ", . : CC CD DT IN JJ MD NN NNP NNS POS PRP PRP$ RB RP TO UH VB VBD VBG VBN VBP VBZ "
            "WDT WP WRB"
        ),
        "Dependency_role": (
            "ADV AMOD CC COORD DEP IOBJ NMOD OBJ P PMOD PRD PRN PRT ROOT SBJ VC VMOD"
        ),
    }.items()
}


@dataclass(frozen=True)
class Block:
    """The features of one type.

    Attributes
    ----------
    kind : str
        The type, as in the release.
    names : tuple of str
        Unique within the block only.
    values : ndarray, shape (n_words, n_features)
    """

    kind: str
    names: tuple[str, ...]
    values: NDArray[np.float64]


def annotate(tokens: Sequence[Token]) -> list[Block]:
    """Count what is true of every word, all blocks but the semantic norms, in file order.

    Paragraph marks are 0 everywhere but in `word_length`. `var_WL`, the variance of the
    length of one word, is 0.
    """
    counts = {
        "Speech": _event_counts("Speech", tokens),
        "Motion": _event_counts("Motion", tokens),
        "Emotion": _event_counts("Emotion", tokens),
        "Verbs": _marks(
            tokens, "Verbs", lambda token: [v for v in VERBS if token.word in VERBS[v]]
        ),
        "Characters": _marks(tokens, "Characters", lambda token: filter(None, [token.person])),
        "Visual": np.array([[shown_length(token.text), 0] for token in tokens], dtype=float),
        "Word_Num": np.array([[token.position] for token in tokens], dtype=float),
        "Part_of_speech": _marks(tokens, "Part_of_speech", lambda token: token.tags),
        "Dependency_role": _marks(tokens, "Dependency_role", lambda token: token.roles),
    }
    return [Block(kind, NAMES[kind], values) for kind, values in counts.items()]


def shown_length(text: str) -> int:
    """Length as the release counts it: with `…` written `...` and `—` written `--`."""
    return len(text.replace("…", "...").replace("—", "--"))


def _marks(
    tokens: Sequence[Token], kind: str, found: Callable[[Token], Iterable[str]]
) -> NDArray[np.float64]:
    """Count for every word how often it is found to be each of a block's features."""
    column = {name: index for index, name in enumerate(NAMES[kind])}
    counts = np.zeros((len(tokens), len(column)))
    for row, token in enumerate(tokens):
        for name in found(token):
            counts[row, column[name]] += 1
    return counts


def _event_counts(kind: str, tokens: Sequence[Token]) -> NDArray[np.float64]:
    """Count events on the words that begin them, and those that last until a sentence ends."""
    column = {(kind, name): index for index, name in enumerate(NAMES[kind])}
    counts = np.zeros((len(tokens), len(column)))
    for row, stop in zip(range(len(tokens)), _sentence_ends(tokens), strict=True):
        for event in tokens[row].events:
            if PUNCTUAL.get(event) in column:
                counts[row, column[PUNCTUAL[event]]] += 1
            if LASTING.get(event) in column:
                counts[row:stop, column[LASTING[event]]] += 1
    return counts


def _sentence_ends(tokens: Sequence[Token]) -> NDArray[np.intp]:
    """For every word, the index after the last word of its sentence."""
    starts = [i for i, token in enumerate(tokens) if token.position == 1 or token.text == PARAGRAPH]
    bounds = [*starts, len(tokens)]
    ends = np.zeros(len(tokens), dtype=np.intp)
    for start, stop in pairwise(bounds):
        ends[start:stop] = stop
    return ends
