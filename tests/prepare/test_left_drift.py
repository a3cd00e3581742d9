"""A straight line alone is not enough where there are one run or two."""

import numpy as np
import pandas as pd
import pytest

from stages.core.recording.types import Cleaning, Recording
from stages.prepare.left_drift import warn_of_drift


@pytest.mark.parametrize(
    ("runs", "cleaning", "told"),
    [
        (1, Cleaning(detrend=True, high_pass=0.0, standardize=True), True),
        (2, Cleaning(detrend=True, high_pass=0.0, standardize=True), True),
        (3, Cleaning(detrend=True, high_pass=0.0, standardize=True), False),
        (1, Cleaning(detrend=True, high_pass=128.0, standardize=True), False),
        (1, Cleaning(detrend=False, high_pass=0.0, standardize=True), False),
        (1, Cleaning(True, 0.0, standardize=True, confounds=("cosine00", "trans_x")), False),
        (1, Cleaning(True, 0.0, standardize=True, confounds=("trans_x",)), True),
        (1, None, False),
    ],
)
def test_who_is_warned_and_what_to_do(runs, cleaning, told, caplog):
    samples = pd.DataFrame({"id": list("abcdef"), "run": np.repeat(np.arange(runs), 6 // runs)})
    stimuli = pd.DataFrame({"id": []})
    warn_of_drift(Recording("mine", "timeseries", 2.0, cleaning, stimuli, samples, []))
    said = [record.getMessage() for record in caplog.records]
    assert len(said) == told
    if told:
        assert "mine: expected story.prepare.high_pass where there are so few runs, got" in said[0]
        assert f"removed from {runs}:" in said[0]
        assert said[0].endswith("Set story.prepare.high_pass to 128")
