"""Intervals over runs, against SciPy and by the share of intervals that hold the truth."""

import numpy as np
import pytest
from scipy.stats import t, ttest_1samp, ttest_ind

from stages.core.stats.run_intervals import (
    over_runs,
    over_runs_and_others,
    over_sizes,
    over_two_groups,
)


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


def test_two_groups_get_welchs_interval(rng):
    one, other = rng.normal(0.5, 1, size=6), rng.normal(0, 3, size=4)
    found = over_two_groups(one, np.full(6, "s"), np.append(other, np.nan), np.full(5, "s"))
    test = ttest_ind(one, other, equal_var=False, alternative="greater")
    both = ttest_ind(one, other, equal_var=False).confidence_interval()
    assert (found.low, found.high) == pytest.approx((both.low, both.high))
    assert (found.value, found.p) == pytest.approx((one.mean() - other.mean(), test.pvalue))
    assert (found.n, found.reason) == (6, "")


def test_groups_of_sizes_that_only_one_has_are_left_out(rng):
    one, sizes = rng.normal(size=5), np.array(["a", "a", "b", "b", "c"])
    other, others = rng.normal(size=4), np.array(["a", "a", "b", "b"])
    found = over_two_groups(one, sizes, other, others)
    expected = ((one[:2].mean() - other[:2].mean()) + (one[2:4].mean() - other[2:].mean())) / 2
    assert (found.value, found.n) == (pytest.approx(expected), 4)
    assert over_two_groups(one[4:], sizes[4:], other, others).reason == "no size has runs of both"
    alone = over_two_groups(one[:1], sizes[:1], other, others)
    assert alone.value == pytest.approx(one[0] - other[:2].mean())
    assert alone.reason == "one run of a kind: no interval over runs"
    assert np.isnan([alone.low, alone.high, alone.p]).all()
    same = over_two_groups(np.ones(2), sizes[:2], np.zeros(2), others[:2])
    assert (same.low, same.high) == (1, 1)


@pytest.mark.parametrize("spread", [1, 4])
def test_intervals_over_two_groups_hold_the_truth(rng, spread):
    held = 0
    sizes, others = np.repeat(["a", "b"], [3, 4]), np.repeat(["a", "b"], [5, 3])
    for _ in range(1000):
        one = np.where(sizes == "a", 1.0, 3.0) + rng.normal(size=7)
        other = spread * rng.normal(size=8)
        mean = over_two_groups(one, sizes, other, others)
        held += mean.low <= 2 <= mean.high
    assert 0.93 <= held / 1000 <= 0.975


def test_where_there_is_no_run_there_is_nothing():
    none = np.array([np.nan])
    for found in (
        over_runs(none, np.array(["s"])),
        over_sizes(none, np.array(["s"])),
        over_two_groups(none, np.array(["s"]), np.array([1.0]), np.array(["s"])),
    ):
        assert found.n == 0
        assert np.isnan([found.value, found.low, found.high, found.p]).all()


def test_two_sizes_are_enough_and_one_gives_its_mean(rng):
    values, sizes = rng.normal(size=4), np.array(["a", "a", "a", "b"])
    both = ttest_1samp([values[:3].mean(), values[3]], 0)
    found = over_sizes(values, sizes)
    assert (found.low, found.high) == pytest.approx(tuple(both.confidence_interval()))
    alone = over_sizes(values[:3], sizes[:3])
    assert (alone.value, alone.n) == (pytest.approx(values[:3].mean()), 3)
    assert np.isnan([alone.low, alone.high, alone.p]).all()


def test_two_runs_of_two_subjects_are_enough_and_one_gives_its_mean():
    """Mean squares of .16, 4 and .0001, by hand: 1, 1.4, 3 and 3.42 lie .405, 2.015 … apart."""
    values = np.array([[1.0, 3.0], [1.4, 3.42]])
    squares = np.array([(0.4 + 0.42) ** 2 / 4, (2 + 2.02) ** 2 / 4, 0.02**2 / 4])
    total = squares[0] + squares[1] - squares[2]
    freedom = total**2 / (squares**2).sum()
    reach = t.ppf(0.975, freedom) * np.sqrt(total / 4)
    found = over_runs_and_others(values)
    assert (found.low, found.high) == pytest.approx((2.205 - reach, 2.205 + reach))
    for alone in (values[:1], values[:, :1]):
        mean = over_runs_and_others(alone)
        assert mean.value == pytest.approx(alone.mean())
        assert np.isnan([mean.low, mean.high, mean.p]).all()


@pytest.mark.parametrize("turn", [False, True])
def test_an_interaction_larger_than_a_part_is_left_out(turn):
    """Runs do not differ, others do a little: the variance is that of others."""
    values = np.array([[1.0, -0.4, 0.3], [-1.0, 1.4, 0.3]])
    values = values.T if turn else values
    means = values.mean(axis=1 if turn else 0)
    assert over_runs_and_others(values).value == pytest.approx(values.mean())
    expected = ttest_1samp(means, 0)
    found = over_runs_and_others(values)
    assert (found.low, found.high) == pytest.approx(tuple(expected.confidence_interval()))


@pytest.mark.parametrize("turn", [False, True])
def test_an_interaction_between_both_parts_leaves_the_larger(turn):
    """Runs differ by 8, others by .1, and both together by .6: mean squares of 48, .01 and .27."""
    runs, others = np.array([-4.0, 0.0, 4.0])[:, None], np.array([-0.05, 0.05])
    both = np.array([0.3, -0.6, 0.3])[:, None] * np.array([1, -1])
    values = runs + others + both + 0.7
    expected = ttest_1samp(values.mean(axis=1), 0)
    found = over_runs_and_others(values.T if turn else values)
    assert (found.low, found.high) == pytest.approx(tuple(expected.confidence_interval()))


@pytest.mark.parametrize(("value", "p"), [(0.5, 0), (0.0, 1), (-0.5, 1)])
def test_runs_that_are_all_alike_are_certain(value, p):
    found = over_runs(np.full(3, value), np.full(3, "s"))
    assert (found.low, found.high, found.p) == (value, value, p)
