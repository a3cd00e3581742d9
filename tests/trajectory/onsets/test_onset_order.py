"""The order of places, against SciPy and a planted order."""

from itertools import combinations

import numpy as np
import pytest
from scipy.stats import spearmanr

from stages.trajectory.onsets.onset_order import against_order, between_runs, relative_onsets


def test_agreement_is_spearmans(rng):
    times, sizes = rng.normal(size=(4, 7)), np.full(4, "")
    order = np.arange(7.0)
    each = [spearmanr(row, order).statistic for row in times]
    assert against_order(times, order, sizes, 100).rho.value == pytest.approx(np.mean(each))
    pairs = [spearmanr(a, b).statistic for a, b in combinations(times, 2)]
    assert between_runs(times, 100).rho.value == pytest.approx(np.mean(pairs))


def test_a_planted_order_is_found_though_runs_differ_in_pace(rng):
    places = np.linspace(0, 2, 6)
    times = places + rng.normal(0, 3, size=(5, 1)) + rng.normal(0, 0.1, size=(5, 6))
    sizes = np.full(5, "")
    found = against_order(times, places, sizes, 1000)
    assert found.rho.low > 0.9
    assert found.p < 0.01
    assert between_runs(times, 1000).p < 0.01
    means = relative_onsets(times, sizes)
    np.testing.assert_allclose([mean.value for mean in means], places - 1, atol=0.15)
    assert all(mean.high - mean.low < 0.6 for mean in means)


def test_without_an_order_p_is_uniform(rng):
    p = [between_runs(rng.normal(size=(4, 5)), 100).p <= 0.1 for _ in range(200)]
    assert 0.04 <= np.mean(p) <= 0.16


def test_too_few_places_or_runs_are_told(rng):
    two = against_order(rng.normal(size=(4, 2)), np.arange(2.0), np.full(4, ""), 10)
    assert np.isnan(two.p)
    assert two.rho.reason.startswith("fewer than three places")
    assert np.isnan(between_runs(rng.normal(size=(1, 5)), 10).p)


@pytest.mark.parametrize("draws", [19, 30])
def test_p_counts_the_order_itself_among_the_draws(draws):
    """One of 8! orders agrees as far: none of so few draws does."""
    times = np.arange(8.0) + np.array([[0.0], [5.0], [9.0]])
    along = against_order(times, np.arange(8.0), np.full(3, ""), draws)
    assert along.p == 1 / (draws + 1)
    assert (along.rho.value, along.rho.n) == (pytest.approx(1), 3)
    assert against_order(times, -np.arange(8.0), np.full(3, ""), draws).p == 1
    between = between_runs(times, draws)
    assert between.p == 1 / (draws + 1)
    assert (between.rho.value, between.rho.n) == (pytest.approx(1), 3)
    assert between.rho.reason == "pairs of runs are not independent: see p"


def test_three_places_and_two_runs_are_enough():
    times = np.array([[1.0, 2, 3], [1.0, 3, 2]])
    assert between_runs(times, 10).rho.value == pytest.approx(0.5)
    assert against_order(times, np.arange(3.0), np.full(2, ""), 10).rho.value == pytest.approx(0.75)
    assert np.isnan(between_runs(times[:, :2], 10).rho.value)
    assert between_runs(times[:1], 10).rho.n == 0


def test_a_run_whose_places_come_at_once_agrees_with_no_order():
    times = np.array([[1.0, 2, 3], [4, 4, 4]])
    assert against_order(times, np.arange(3.0), np.full(2, ""), 10).rho.value == pytest.approx(0.5)
    assert between_runs(times, 10).rho.value == 0
