"""Words after those before them, joined by hand."""

import numpy as np
import pytest

from stages.simulate.story.contexts import passages
from stages.simulate.story.story import ITALICS

TEXTS = ["a", f"{ITALICS}b", "c", "d", "e"]
RUNS = np.array([1, 1, 1, 4, 4])


@pytest.mark.parametrize(
    ("context", "shown"),
    [
        (1, ["a", "b", "c", "d", "e"]),
        (2, ["a", "a b", "b c", "d", "d e"]),
        (3, ["a", "a b", "a b c", "d", "d e"]),
        (9, ["a", "a b", "a b c", "d", "d e"]),
    ],
)
def test_a_word_is_shown_with_those_before_it_in_its_run(context, shown):
    assert passages(TEXTS, RUNS, context) == shown
