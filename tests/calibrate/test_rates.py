"""Rates have the intervals that independent simulations would give them."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from scipy.stats import binomtest, t

from stages.calibrate.observed import Case, observed
from stages.calibrate.rates import binomial_interval, effective_n, rates, verdict
from stages.core.results.calibrations import (
    CALIBRATED,
    CALIBRATION_COLUMNS,
    CONSERVATIVE,
    COVERAGE,
    FALSE_POSITIVES,
    LIBERAL,
    POWER,
    RECOVERY,
    UNJUDGED,
)


@pytest.mark.parametrize(("hits", "n"), [(0, 20), (3, 60), (60, 60), (500, 10_000)])
def test_the_interval_is_scipy_s(hits, n):
    exact = binomtest(hits, n).proportion_ci(0.95, "exact")
    np.testing.assert_allclose(binomial_interval(hits / n, n), (exact.low, exact.high), atol=1e-12)


def test_independent_values_count_in_full(rng):
    values = (rng.random(500) < 0.3).astype(float)
    alone = np.arange(500)
    assert effective_n(values, alone, alone) == pytest.approx(500)


def test_copies_count_once(rng):
    values = np.repeat((rng.random(200) < 0.3).astype(float), 10)
    of = np.repeat(np.arange(200), 10)
    assert effective_n(values, of, np.arange(2000)) == pytest.approx(200)


def test_two_ways_are_those_of_a_loop_over_pairs(rng):
    left, right = (one.ravel() for one in np.indices((8, 30)))
    values = rng.normal(size=240) + rng.normal(size=8)[left] + rng.normal(size=30)[right]
    apart = values - values.mean()
    total = sum(
        apart[i] * apart[j]
        for i in range(240)
        for j in range(240)
        if left[i] == left[j] or right[i] == right[j]
    )
    assert effective_n(values, left, right) == pytest.approx(240 * (apart @ apart) / total)


def test_what_never_varies_counts_its_clusters():
    left, right = (one.ravel() for one in np.indices((5, 30)))
    assert effective_n(np.ones(150), left, right) == 5


def test_intervals_hold_the_rate_where_simulations_share_layers(rng):
    """With 30 layers of unlike rates, an interval for independent values holds it too rarely."""
    left, right = (one.ravel() for one in np.indices((30, 40)))
    held, plain = [], []
    for _ in range(300):
        chance = np.where(rng.random(30) < 0.3, 0.5, 0.05)
        values = (rng.random(1200) < chance[left]).astype(float)
        truth = 0.3 * 0.5 + 0.7 * 0.05
        for n, found in ((effective_n(values, left, right), held), (1200, plain)):
            low, high = binomial_interval(values.mean(), n)
            found.append(low <= truth <= high)
    assert np.mean(held) > 0.9
    assert np.mean(plain) < 0.7


@pytest.mark.parametrize(
    ("asks", "low", "high", "said"),
    [
        (FALSE_POSITIVES, 0.04, 0.06, CALIBRATED),
        (FALSE_POSITIVES, 0.06, 0.08, LIBERAL),
        (FALSE_POSITIVES, 0.01, 0.03, CONSERVATIVE),
        (COVERAGE, 0.90, 0.94, LIBERAL),
        (COVERAGE, 0.96, 0.99, CONSERVATIVE),
        (COVERAGE, 0.94, 0.97, CALIBRATED),
        (POWER, 0.2, 0.3, UNJUDGED),
    ],
)
def test_verdicts(asks, low, high, said):
    assert verdict(asks, 0.95 if asks == COVERAGE else 0.05, low, high) == said


def test_cases_become_rows_in_their_order(rng):
    p = rng.random(1000)
    case = Case("encode", "r", "white", "alice")
    planted = replace(case, situation="planted")
    scores = rng.normal(0.2, 0.1, 400)
    parts = [
        observed(p, case),
        observed([0.05, 0.051], replace(planted, asks=POWER)),
        observed(scores, replace(planted, asks=RECOVERY, truth=0.2)),
        observed(p / 2, replace(case, situation="slow")),
    ]
    table = rates(pd.concat(parts))
    assert list(table.columns) == list(CALIBRATION_COLUMNS)
    assert table["situation"].tolist() == ["white", "planted", "planted", "slow"]
    assert table["rate"].tolist()[:2] == [np.mean(p <= 0.05), 0.5]
    assert table["n"].tolist() == [1000, 2, 400, 1000]
    assert table["verdict"].tolist() == [CALIBRATED, UNJUDGED, UNJUDGED, LIBERAL]
    interval = t.interval(0.95, 399, scores.mean(), scores.std(ddof=1) / 20)
    np.testing.assert_allclose(table.loc[2, ["low", "high"]].tolist(), interval)
