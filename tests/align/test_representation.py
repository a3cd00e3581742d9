"""A representation that cannot be aligned is named, with what is wrong."""

import numpy as np
import pytest

from stages.align.representation import (
    Deferred,
    Dissimilarities,
    at_hand,
    check_sides,
)
from stages.core.run.errors import InputError


def noise(rng, n=10, p=3):
    return rng.standard_normal((n, p))


def spoil(x, value, place=(4, 1)):
    x = x.copy()
    x[place] = value
    return x


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda x: x[:9], r"other rows in right\[1\]: expected 10, as in left\[0\], got 9"),
        (lambda x: spoil(x, np.nan), r"not finite in right\[1\], row 4"),
        (lambda x: spoil(x, np.inf), r"not finite in right\[1\], row 4"),
        (lambda x: x * 0 + 7, r"the same for every row in right\[1\]"),
        (lambda x: spoil(x * 0 + 7, 7 + 1e-15), r"the same for every row in right\[1\]"),
        (lambda x: x[:, 0], r"not a matrix in right\[1\]"),
        (lambda x: x[:, :0], r"not a matrix in right\[1\]"),
        (lambda x: Deferred(x.shape, lambda: spoil(x, np.nan)), r"not finite in right\[1\], row 4"),
        (Dissimilarities, r"not square in right\[1\]"),
        (lambda x: Dissimilarities(x @ x.T), r"not 0 on the diagonal in right\[1\]"),
        (lambda x: Dissimilarities(np.triu(np.ones((10, 10)), 1)), r"not symmetric in right\[1\]"),
        (lambda x: Dissimilarities(np.zeros((10, 10))), r"all 0 in right\[1\]"),
    ],
)
def test_what_is_wrong_is_named(rng, change, message):
    x = noise(rng)
    with pytest.raises(InputError, match=message):
        check_sides([x], [x, change(x)])


def test_few_rows_and_empty_sides_are_refused(rng):
    with pytest.raises(InputError, match="too few rows .*: expected 4 or more, got 3"):
        check_sides([noise(rng, 3)], [noise(rng, 3)])
    with pytest.raises(InputError, match="nothing to align in right"):
        check_sides([noise(rng)], [])


def test_what_is_deferred_is_made_each_time(rng):
    made = []

    def make():
        made.append(noise(rng))
        return made[-1]

    later = Deferred((10, 3), make)
    assert check_sides([later], [noise(rng)]) == 10
    assert at_hand(later) is made[1]
    assert at_hand(later) is made[2]
    x = noise(rng)
    assert at_hand(x) is x


def test_the_number_of_rows_is_told(rng):
    matrix = np.abs(np.subtract.outer(np.arange(10), np.arange(10))) * 1.0
    assert check_sides([noise(rng)], [noise(rng, p=50), Dissimilarities(matrix)]) == 10
