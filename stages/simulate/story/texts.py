"""A corpus: other stories of the same grammar, on which language models are trained."""

from collections.abc import Iterator

import numpy as np

from stages.simulate.story.story import PARAGRAPH, Token, tell_story

# Words of one story, paragraph marks included.
LENGTH = 1000


def tell_corpus(n_words: int, seed: int) -> str:
    """Tell stories of about so many words in all, one paragraph a line.

    Parameters
    ----------
    n_words : int
        Rounded up to whole stories.
    seed : int
        The stories that are read in the scanner are of another stream of random numbers.
    """
    rngs = np.random.default_rng([seed, 7]).spawn(-(-n_words // LENGTH))
    return "\n".join(line for rng in rngs for line in _paragraphs(tell_story([LENGTH], 0, rng)))


def _paragraphs(tokens: list[Token]) -> Iterator[str]:
    words: list[str] = []
    for token in tokens:
        if token.text == PARAGRAPH:
            yield " ".join(words)
            words = []
        else:
            words.append(token.text)
