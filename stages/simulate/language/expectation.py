"""How unexpected each word is after the one before it, as the corpus has them."""

from collections import Counter
from collections.abc import Iterable, Sequence
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

# Share of a word's probability that does not depend on the word before it.
MIXED = 0.2


def bigram_surprisal(corpus: Sequence[str], texts: Iterable[Sequence[str]]) -> NDArray[np.float64]:
    """Surprisal of every word of some texts, in bits.

    Probabilities are those of words after the word before them in the corpus, mixed with those of
    words anywhere (Jelinek & Mercer 1980), where each word of the texts counts once more.

    Parameters
    ----------
    corpus : sequence of str
    texts : iterable of sequence of str

    Returns
    -------
    ndarray, shape (n_words,)
        Of one text after the other; the first of each without a word before it.
    """
    texts = list(texts)
    anywhere = Counter([*corpus, *(word for text in texts for word in text)])
    pairs, before = Counter(pairwise(corpus)), Counter(corpus[:-1])
    total = sum(anywhere.values())

    def probability(last: str | None, word: str) -> float:
        alone = anywhere[word] / total
        if last is None or not before[last]:
            return alone
        return MIXED * alone + (1 - MIXED) * pairs[last, word] / before[last]

    found = [
        probability(last, word)
        for text in texts
        for last, word in zip([None, *text[:-1]], text, strict=True)
    ]
    return -np.log2(found)
