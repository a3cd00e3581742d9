"""Draws stop where they have said enough, and are those of no more pairs than asked."""

import numpy as np
import pytest
from numpy.testing import assert_allclose

from stages.align.nulls.drawn import ENOUGH, sequential_tail

DRAWS = 300


@pytest.fixture
def drawing(rng):
    """Three by two scores, their nulls in advance, and which of them were asked for."""
    null, asked = rng.standard_normal((3, 2, DRAWS)), []

    def draw(rows, columns, orders):
        asked.append((rows.tolist(), columns.tolist(), orders[:, 0].tolist()))
        return null[np.ix_(rows, columns, orders[:, 0])]

    return null, asked, draw


ORDERS = np.arange(DRAWS)[:, None]


def test_p_is_that_of_the_draw_at_which_it_was_reached_often_enough(drawing):
    null, _, draw = drawing
    score = np.array([[-3.0, 0.0], [0.5, 1.0], [2.5, 9.0]])
    p = sequential_tail(score, np.ones((3, 2), dtype=bool), ORDERS, draw, 1e-12)
    for where, value in np.ndenumerate(score):
        reached = np.cumsum(null[where] >= value)
        if reached[-1] >= ENOUGH:
            expected = ENOUGH / (1 + np.argmax(reached == ENOUGH))
        else:
            expected = (reached[-1] + 1) / (DRAWS + 1)
        assert_allclose(p[where], expected)
    assert p[2, 1] == 1 / (DRAWS + 1)


def test_only_pairs_that_are_open_are_drawn(drawing):
    _, asked, draw = drawing
    some = np.array([[True, False], [False, False], [True, False]])
    score = np.array([[-3.0, 0.0], [0.5, 1.0], [9.0, 9.0]])
    p = sequential_tail(score, some, ORDERS, draw, 1e-12)
    assert asked[0][:2] == ([0, 2], [0])
    assert all(batch[:2] == ([2], [0]) for batch in asked[1:])
    assert [one for batch in asked for one in batch[2]] == list(range(DRAWS))
    assert (p[~some] == 1).all()
    assert p[0, 0] == 10 / 10


def test_nothing_is_drawn_where_nothing_is_open(drawing):
    _, asked, draw = drawing
    p = sequential_tail(np.zeros((3, 2)), np.zeros((3, 2), dtype=bool), ORDERS, draw, 1e-12)
    assert (p == 1).all()
    assert asked == []


def test_p_is_uniform_where_draws_and_scores_are_alike(rng):
    values = rng.standard_normal((400, 1, DRAWS + 1))

    def draw(rows, columns, orders):
        return values[np.ix_(rows, columns, 1 + orders[:, 0])]

    p = sequential_tail(values[..., 0], np.ones((400, 1), dtype=bool), ORDERS, draw, 1e-12)
    for level in (0.05, 0.2, 0.5):
        assert abs((p <= level).mean() - level) < 0.08
