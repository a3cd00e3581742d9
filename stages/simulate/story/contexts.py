"""What is shown to the planted model: each word after those before it."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from stages.simulate.story.story import ITALICS


def passages(texts: Sequence[str], runs: NDArray[np.intp], context: int) -> list[str]:
    """Join each word with the words before it in its run, `context` words in all.

    The mark of italics is not shown.

    Parameters
    ----------
    texts : sequence of str
    runs : ndarray of int, shape (n_words,)
    context : int
    """
    shown = [text.removeprefix(ITALICS) for text in texts]
    starts = np.searchsorted(runs, runs)
    return [
        " ".join(shown[max(start, index + 1 - context) : index + 1])
        for index, start in enumerate(starts)
    ]
