"""Cleaning against nilearn, run by run."""

import numpy as np
import pytest
from nilearn.signal import clean as nilearn_clean
from numpy.testing import assert_allclose

from stages.core.cleaning import clean, slow_basis
from stages.core.recording import Cleaning

RUNS = np.repeat(["1", "2"], [120, 90])


@pytest.mark.parametrize("high_pass", [0.0, 64.0])
def test_agrees_with_nilearn(rng, high_pass):
    series = rng.standard_normal((210, 5)).cumsum(axis=0) + 700
    ours = clean(series, RUNS, 2.0, Cleaning(False, high_pass, True))
    filters = {"filter": "cosine", "high_pass": 1 / high_pass} if high_pass else {"filter": False}
    for run in ("1", "2"):
        block = series[run == RUNS]
        theirs = nilearn_clean(
            block, detrend=False, standardize="zscore_sample", t_r=2.0, **filters
        )
        assert_allclose(np.corrcoef(ours[run == RUNS].T, theirs.T)[:5, 5:].diagonal(), 1)


def test_a_line_and_a_slow_wave_go_and_a_fast_one_stays():
    time = np.arange(200) * 2.0
    fast, slow = (np.cos(np.pi * (2 * np.arange(200) + 1) * k / 400) for k in (40, 3))
    cleaned = clean(
        (fast + 5 * slow + 0.3 * time)[:, None], np.ones(200), 2.0, Cleaning(True, 128.0, False)
    )
    assert_allclose(cleaned[:, 0], fast, atol=1e-10)


def test_each_run_is_standardised_and_constants_become_zero(rng):
    series = np.column_stack([rng.standard_normal(210) * 40 + 900, np.full(210, 900.0)])
    cleaned = clean(series, RUNS, 2.0, Cleaning(True, 0.0, True))
    for run in ("1", "2"):
        assert_allclose(cleaned[run == RUNS].mean(axis=0), 0, atol=1e-10)
        assert_allclose(cleaned[run == RUNS].std(axis=0), [1, 0], atol=1e-10)


def test_the_basis_holds_periods_above_the_cutoff_only():
    assert slow_basis(100, 2.0, detrend=True, high_pass=0).shape == (100, 2)
    basis = slow_basis(100, 2.0, detrend=False, high_pass=100.0)
    periods = 2 * 100 * 2.0 / np.arange(1, basis.shape[1])
    assert periods.min() >= 100
