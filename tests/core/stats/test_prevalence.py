"""Prevalence: against its published posterior on a grid, and planted shares."""

import numpy as np
import pytest

from stages.core.run.errors import InputError
from stages.core.stats.prevalence import prevalence


@pytest.mark.parametrize(("found", "people"), [(0, 4), (2, 4), (4, 4), (7, 8), (12, 50), (1, 1)])
def test_interval_is_that_of_a_naive_posterior(found, people):
    level, shares = 0.05, np.linspace(0, 1, 20001)
    detected = level + (1 - level) * shares
    density = detected**found * (1 - detected) ** (people - found)
    order = np.argsort(-density, kind="stable")
    kept = order[: np.searchsorted(np.cumsum(density[order]) / density.sum(), 0.95) + 1]
    one = prevalence(found, people, level)
    assert (one.low, one.high) == pytest.approx((shares[kept].min(), shares[kept].max()), abs=2e-3)
    assert one.share == pytest.approx(shares[density.argmax()], abs=1e-4)


def test_four_of_four_says_more_than_half_and_none_of_four_says_few():
    assert prevalence(4, 4, 0.05).low > 0.5
    assert prevalence(0, 4, 0.05).high < 0.5


def test_intervals_hold_planted_shares_on_average():
    rng = np.random.default_rng(0)
    true = rng.uniform(size=400)
    held = []
    for share in true:
        one = prevalence(int(rng.binomial(8, 0.05 + 0.95 * share)), 8, 0.05)
        held.append(one.low <= share <= one.high)
    assert 0.92 <= np.mean(held) <= 0.98


@pytest.mark.parametrize(("found", "people"), [(5, 4), (-1, 4), (0, 0)])
def test_impossible_counts_are_refused(found, people):
    with pytest.raises(InputError, match="impossible count"):
        prevalence(found, people, 0.05)
