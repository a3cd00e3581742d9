"""Spearman and Brown's formula, by hand and on planted measurements."""

import numpy as np
import pytest

from stages.core.stats.reliability import (
    bound_of_a_weighted_mean,
    bound_of_the_mean,
    loadings,
    spearman_brown,
)


def test_by_hand():
    assert spearman_brown(0.5, 2) == pytest.approx(2 / 3)
    assert spearman_brown(0.2, 4) == pytest.approx(0.8 / 1.6)
    assert spearman_brown(1.0, 7) == 1
    assert spearman_brown(0.3, 1) == pytest.approx(0.3)
    np.testing.assert_allclose(spearman_brown(np.array([-0.4, 0.5]), 2), [0, 2 / 3])


def test_planted(rng):
    """The mean of five noisy measurements correlates with the truth as the bound says."""
    truth, k = rng.standard_normal(20000), 5
    measured = truth + 1.5 * rng.standard_normal((k, len(truth)))
    between = np.corrcoef(measured)[np.triu_indices(k, 1)].mean()
    reached = np.corrcoef(measured.mean(axis=0), truth)[0, 1]
    assert bound_of_the_mean(between, k) == pytest.approx(reached, abs=0.01)


def test_noise_has_no_reliability():
    assert bound_of_the_mean(-0.1, 9) == 0


def test_loadings_are_those_that_were_planted(rng):
    planted = rng.uniform(0.1, 0.95, size=9)
    exact = np.outer(planted, planted)
    np.fill_diagonal(exact, 1.0)
    np.testing.assert_allclose(loadings(exact), planted, atol=1e-8)
    np.testing.assert_allclose(loadings(np.array([[1, 0.49], [0.49, 1]])), 0.7)
    assert (loadings(np.array([[1, -0.2], [-0.2, 1]])) == 0).all()


def test_equal_measurements_make_the_bound_of_their_mean():
    for r, k in ((0.1, 2), (0.3, 5), (0.9, 27)):
        correlations = np.full((k, k), r) + (1 - r) * np.eye(k)
        found = bound_of_a_weighted_mean(correlations, np.full(k, 0.2))
        assert found == pytest.approx(bound_of_the_mean(r, k))


@pytest.mark.parametrize(
    ("noise", "weights"),
    [
        ([1, 1, 1, 6], [1, 1, 1, 4]),  # who is noisy weighs more, as in signal change
        ([0.5, 2, 2, 2], [4, 1, 1, 1]),
        ([0.5, 3, 3, 3], [1, 1, 1, 1]),
        ([1.5] * 6, [8, 3, 1, 1, 1, 0.5]),
    ],
)
def test_the_bound_of_a_weighted_mean_is_what_the_signal_reaches(rng, noise, weights):
    signal = rng.standard_normal(40000)
    series = signal + np.array(noise)[:, None] * rng.standard_normal((len(noise), 40000))
    series /= series.std(axis=1, keepdims=True)
    reached = np.corrcoef(signal, np.array(weights) @ series)[0, 1]
    found = bound_of_a_weighted_mean(np.corrcoef(series), np.array(weights, float))
    assert found == pytest.approx(reached, abs=0.015)
