"""Cleaning against nilearn, run by run."""

import numpy as np
import pytest
from nilearn.signal import clean as nilearn_clean
from numpy.testing import assert_allclose

from stages.core.recording.types import Cleaning
from stages.core.run.errors import InputError
from stages.core.time.cleaning import clean

RUNS = np.repeat(["1", "2"], [120, 90])


@pytest.fixture
def series(rng):
    return rng.standard_normal((210, 5)).cumsum(axis=0) + 700


@pytest.mark.parametrize("high_pass", [0.0, 64.0])
@pytest.mark.parametrize("detrend", [True, False])
@pytest.mark.parametrize("scales", [1, [1e8, 1, -1e-4, 1, -1]])
def test_agrees_with_nilearn(series, high_pass, detrend, scales):
    series = series * scales
    ours = clean(series, RUNS, 2.0, Cleaning(detrend, high_pass, True))
    theirs = nilearn_clean(
        series - series[RUNS == "1"].mean(axis=0) * (RUNS == "1")[:, None]
        - series[RUNS == "2"].mean(axis=0) * (RUNS == "2")[:, None],
        runs=RUNS,
        detrend=detrend,
        standardize=None,
        t_r=2.0,
        high_pass=1 / high_pass if high_pass else None,
    )  # fmt: skip
    for run in ("1", "2"):
        block = theirs[run == RUNS]
        expected = (block - block.mean(axis=0)) / block.std(axis=0)
        assert_allclose(ours[run == RUNS], expected, atol=1e-8)


def test_the_oracle_can_fail(series):
    ours = clean(series, RUNS, 2.0, Cleaning(True, 64.0, True))
    whole = clean(series, np.ones(210), 2.0, Cleaning(True, 64.0, True))
    assert not np.allclose(ours, whole, atol=0.05)


def test_slow_goes_and_fast_stays():
    time = np.arange(400) * 2.0
    fast, slow = np.sin(2 * np.pi * time / 20), 5 * np.sin(2 * np.pi * time / 600) + 0.3 * time
    cleaned = clean((fast + slow)[:, None], np.ones(400), 2.0, Cleaning(True, 128.0, False))
    assert_allclose(cleaned[60:-60, 0], fast[60:-60], atol=0.1)


def test_each_run_is_standardised_and_constants_become_zero(series):
    flat = np.column_stack([series, np.full(210, 900.0)])
    cleaned = clean(flat, RUNS, 2.0, Cleaning(True, 64.0, True))
    for run in ("1", "2"):
        assert_allclose(cleaned[run == RUNS].mean(axis=0), 0, atol=1e-10)
        assert_allclose(cleaned[run == RUNS].std(axis=0), [1] * 5 + [0], atol=1e-10)


def test_a_column_is_constant_by_its_own_scale(series):
    """Beside one that is a million million times as large, which is no reason to call it flat."""
    unlike = series * np.where(np.arange(series.shape[1]) == 0, 1e12, 1.0)
    settings = Cleaning(high_pass=0, detrend=True, standardize=True)
    runs = np.ones(len(series))
    found, alone = (clean(one, runs, 2.0, settings) for one in (unlike, series))
    np.testing.assert_allclose(found, alone, atol=1e-9)


def test_a_run_too_short_to_be_filtered(series):
    told = "too short to be filtered in run 2: expected at least 20 samples, got 19"
    cleaning = Cleaning(True, 128.0, True)
    with pytest.raises(InputError, match=told):
        clean(series[:59], np.repeat(["1", "2"], [40, 19]), 2.0, cleaning)
    least = clean(series[:60], np.repeat(["1", "2"], [40, 20]), 2.0, cleaning)
    assert_allclose(least[40:].std(axis=0), 1)


@pytest.mark.parametrize("dtype", [np.int64, np.float32])
def test_whole_numbers_and_single_precision_are_cleaned_in_double(series, dtype):
    given = np.round(series).astype(dtype)
    cleaning = Cleaning(True, 64.0, True)
    found = clean(given, RUNS, 2.0, cleaning)
    assert found.dtype == np.float64
    assert (found == clean(given.astype(float), RUNS, 2.0, cleaning)).all()


def test_nothing_is_left_of_a_trend_that_begins_at_zero():
    trend = np.arange(40.0)[:, None] * [0.1, 1e7]
    assert (clean(trend, np.ones(40), 2.0, Cleaning(True, 0.0, True)) == 0).all()


def test_of_one_sample_nothing_is_left_and_no_column_is_none():
    cleaning = Cleaning(True, 0.0, True)
    assert clean(np.array([[5.0]]), np.ones(1), 2.0, cleaning) == 0
    assert clean(np.empty((30, 0)), np.ones(30), 2.0, cleaning).shape == (30, 0)
