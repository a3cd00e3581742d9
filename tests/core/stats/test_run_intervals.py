"""Intervals over runs, against SciPy and by the share of intervals that hold the truth."""

import numpy as np
import pytest
from scipy.stats import t, ttest_1samp

from stages.core.stats.run_intervals import over_runs, over_runs_and_others, over_sizes


def test_runs_of_one_size_get_students_interval(rng):
    values = rng.normal(0.5, 1, size=6)
    mean = over_runs(values, np.full(6, "s"))
    expected = ttest_1samp(values, 0, alternative="greater")
    both = ttest_1samp(values, 0).confidence_interval()
    assert (mean.low, mean.high) == pytest.approx((both.low, both.high))
    assert (mean.value, mean.p, mean.n) == pytest.approx((values.mean(), expected.pvalue, 6))


def test_one_run_gives_no_interval_and_says_so():
    mean = over_runs(np.array([0.3]), np.array(["s"]))
    assert (mean.value, mean.n) == (0.3, 1)
    assert np.isnan([mean.low, mean.high, mean.p]).all()
    assert mean.reason == "one run: no interval over runs"
    assert over_runs(np.array([1.0, 2.0]), np.array(["a", "b"])).reason.startswith(
        "one run of each"
    )
    assert over_runs(np.array([np.nan]), np.array(["s"])).reason == "no run has a value"
    assert over_sizes(np.array([1.0, 2.0]), np.array(["a", "a"])).reason.startswith(
        "fewer than two"
    )


def test_missing_leads_are_not_counted():
    mean = over_runs(np.array([1.0, np.nan, 3.0]), np.full(3, "s"))
    assert (mean.value, mean.n) == (2, 2)


def test_sizes_are_the_unit_where_they_are_resampled(rng):
    values, sizes = rng.normal(size=9), np.repeat(["a", "b", "c"], 3)
    means = values.reshape(3, 3).mean(axis=1)
    both = ttest_1samp(means, 0).confidence_interval()
    found = over_sizes(values, sizes)
    assert (found.low, found.high) == pytest.approx((both.low, both.high))


@pytest.mark.parametrize("runs", [3, 5, 10])
def test_intervals_hold_the_truth(rng, runs):
    held = 0
    sizes = np.repeat(["a", "b"], [runs, 2])
    for _ in range(1000):
        values = np.where(sizes == "a", 1.0, 3.0) + rng.normal(size=runs + 2)
        mean = over_runs(values, sizes)
        held += mean.low <= 2 <= mean.high
    assert 0.93 <= held / 1000 <= 0.97


def test_variance_over_runs_and_subjects_is_that_of_its_parts(rng):
    values = rng.normal(size=(5, 1)) + 2 * rng.normal(size=7) + rng.normal(size=(5, 7))
    runs, subjects = values.mean(axis=1), values.mean(axis=0)
    left = values - runs[:, None] - subjects + values.mean()
    rest = (left**2).sum() / 24
    parts = np.array([7 * runs.var(ddof=1), 5 * subjects.var(ddof=1), -rest])
    freedom = parts.sum() ** 2 / (parts**2 / np.array([4, 6, 24])).sum()
    reach = t.ppf(0.975, freedom) * np.sqrt(parts.sum() / 35)
    mean = over_runs_and_others(values)
    assert (mean.low, mean.high) == pytest.approx((values.mean() - reach, values.mean() + reach))


def test_intervals_over_runs_and_subjects_hold_the_truth(rng):
    held = 0
    for _ in range(1000):
        values = rng.normal(size=(6, 1)) + rng.normal(size=9) + rng.normal(size=(6, 9))
        mean = over_runs_and_others(values)
        held += mean.low <= 0 <= mean.high
    assert 0.93 <= held / 1000 <= 0.975
    assert over_runs_and_others(np.ones((1, 4))).reason.startswith("fewer than two")
