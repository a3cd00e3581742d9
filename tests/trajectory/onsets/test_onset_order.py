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
