"""Spearman and Brown's formula, by hand and on planted measurements."""

import numpy as np
import pytest

from stages.core.stats.reliability import bound_of_the_mean, spearman_brown, weighted_count


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


def test_weights_count_as_so_many_equal_ones():
    assert weighted_count(np.full(7, 0.3)) == pytest.approx(7)
    assert weighted_count(np.array([1.0, 0, 0])) == 1
    assert weighted_count(np.array([2.0, 1.0])) == pytest.approx(9 / 5)
