"""Which of two measures leads, told from differences between runs alone."""

from itertools import permutations

import numpy as np
import pytest
from sklearn.linear_model import LinearRegression

from stages.core.run.errors import InputError
from stages.trajectory.leads.cross_prediction import cross_predict


def planted(rng, runs, steps, push):
    """Alignment of its own course over runs; performance that follows it, on a common course."""
    alignment, performance = np.zeros((runs, steps)), np.zeros((runs, steps))
    for step in range(steps):
        before = max(step - 1, 0)
        alignment[:, step] = 0.5 * alignment[:, before] + rng.normal(size=runs)
        performance[:, step] = 0.5 * performance[:, before] + rng.normal(size=runs)
        performance[:, step] += push * alignment[:, before]
    common = 20 / (1 + np.exp(-np.linspace(-4, 4, steps)))
    return alignment + common, performance + common


def test_the_leading_measure_is_told(rng):
    alignment, performance = planted(rng, 8, 15, 0.7)
    forth = cross_predict([(alignment, performance)], 1, 500, 0)
    back = cross_predict([(performance, alignment)], 1, 500, 0)
    assert forth.r > 0.3
    assert forth.p < 0.01
    assert abs(back.r) < 0.3
    assert (forth.n_runs, forth.n_pairs, forth.reason) == (8, 14, "")


def test_partial_correlation_by_regression(rng):
    x, y = planted(rng, 6, 9, 0.4)

    def standard(v):
        return (v - v.mean(axis=0)) / v.std(axis=0)

    x, y = standard(x), standard(y)
    now, later, early = x[:, :-2].ravel(), y[:, 2:].ravel(), y[:, :-2].reshape(-1, 1)

    def left(v):
        return v - LinearRegression(fit_intercept=False).fit(early, v).predict(early)

    a, b = left(now), left(later)
    expected = a @ b / np.sqrt(a @ a * (b @ b))
    assert cross_predict([(x, y)], 2, 100, 0).r == pytest.approx(expected)


def test_a_common_course_alone_predicts_nothing(rng):
    found = [cross_predict([planted(rng, 6, 10, 0.0)], 1, 100, at).p <= 0.05 for at in range(200)]
    assert 0.01 <= np.mean(found) <= 0.09


def test_what_runs_have_in_common_changes_nothing(rng):
    x, y = rng.normal(size=(2, 6, 9))
    common = 10 * rng.normal(size=9)
    plain, moved = (
        cross_predict([(x + shift, y - 3 * shift)], 1, 100, 0) for shift in (0 * common, common)
    )
    assert (plain.r, plain.p) == pytest.approx((moved.r, moved.p))


def test_few_or_equal_runs_are_told(rng):
    three = rng.normal(size=(3, 6))
    assert cross_predict([(three, three)], 1, 100, 0).reason == "no size has 4 runs"
    same = np.ones((5, 6))
    assert cross_predict([(same, rng.normal(size=(5, 6)))], 1, 100, 0).reason.startswith("runs do")
    with pytest.raises(InputError, match="too few points"):
        cross_predict([(rng.normal(size=(5, 2)), rng.normal(size=(5, 2)))], 2, 100, 0)


@pytest.mark.parametrize("draws", [24, 30])
def test_all_orders_of_few_runs_are_gone_through(rng, draws):
    x, y = planted(rng, 4, 7, 0.4)
    found = cross_predict([(x, y)], 2, draws, 0)
    every = [cross_predict([(x[list(at)], y)], 2, 1, 0).r for at in permutations(range(4))]
    assert found.p == np.mean([abs(r) >= abs(found.r) - 1e-12 for r in every])
    assert (found.n_runs, found.n_pairs) == (4, 5)


def test_drawn_orders_count_the_one_that_was_met(rng):
    """Of 8! orders none predicts as far as one that leaves nothing to predict."""
    x = rng.normal(size=(8, 9))
    y = np.c_[rng.normal(size=8), x[:, :-1]] + 0.01 * rng.normal(size=(8, 9))
    assert cross_predict([(x, y)], 1, 23, 0).p == 1 / 24
    assert cross_predict([(-x, y)], 1, 23, 0).p == 1 / 24
    assert cross_predict([(-x, y)], 1, 23, 0).r < -0.99


def test_only_sizes_of_four_runs_count(rng):
    three, four = planted(rng, 3, 6, 0.5), planted(rng, 4, 6, 0.5)
    both, alone = (cross_predict(some, 1, 24, 0) for some in ([three, four], [four]))
    assert (both.r, both.p, both.n_runs, both.n_pairs) == (alone.r, alone.p, 4, 5)
    few = cross_predict([three, planted(rng, 2, 6, 0.5)], 1, 24, 0)
    assert (few.n_runs, few.n_pairs) == (3, 0)


def test_what_does_not_vary_is_told_with_its_runs_and_pairs(rng):
    same = cross_predict([(np.ones((5, 6)), rng.normal(size=(5, 6)))], 2, 24, 0)
    assert (same.n_runs, same.n_pairs) == (5, 4)
    assert np.isnan([same.r, same.p]).all()
    with pytest.raises(InputError, match="expected > 3, got 3 checkpoints"):
        cross_predict([planted(rng, 4, 3, 0.5)], 3, 24, 0)
