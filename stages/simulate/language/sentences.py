"""Sentences in passages, and words in stories, of the grammar of the simulated story."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import islice

import numpy as np

from stages.simulate.story.story import PARAGRAPH, Token, tell_story

SENTENCES = 4  # of a passage
PASSAGES = 3  # of a topic
LENGTH = 1000


@dataclass(frozen=True)
class Passage:
    """Successive sentences about one topic."""

    topic: str
    sentences: tuple[str, ...]


def write_passages(count: int, rng: np.random.Generator) -> list[Passage]:
    """Cut a story into passages of successive sentences, and these into topics."""
    told = islice(_sentences(rng), count * SENTENCES)
    texts = [" ".join(token.text for token in tokens) for tokens in told]
    return [
        Passage(
            f"topic {place // PASSAGES + 1}",
            tuple(texts[place * SENTENCES : (place + 1) * SENTENCES]),
        )
        for place in range(count)
    ]


def write_stories(lengths: Sequence[int], rng: np.random.Generator) -> list[list[str]]:
    """Tell stories of about so many words each, in whole paragraphs, without their marks."""
    tokens = tell_story(lengths, 0, rng)
    stories, start = [], 0
    for length in lengths:
        told = tokens[start : start + length]
        stories.append([token.text for token in told if token.text != PARAGRAPH])
        start += length
    return stories


def _sentences(rng: np.random.Generator) -> Iterator[list[Token]]:
    """Tell on and on, sentence by sentence."""
    while True:
        sentence: list[Token] = []
        for token in tell_story([LENGTH], 0, rng):
            if token.text == PARAGRAPH or token.position == 1:
                if sentence:
                    yield sentence
                sentence = []
            if token.text != PARAGRAPH:
                sentence.append(token)
