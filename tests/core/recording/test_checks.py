"""What is not finite is found in every block of rows and column, and time is everybody's."""

import numpy as np
import pandas as pd
import pytest

from stages.core.recording.checks import ROWS, check_recording, check_responses
from stages.core.recording.types import Cleaning, Recording, Subject
from stages.core.run.errors import InputError

TARGETS = pd.DataFrame({"id": ["v0", "v1", "v2"], "region": "R"})


@pytest.mark.parametrize("row", [0, ROWS - 1, ROWS, 2 * ROWS - 1, 2 * ROWS, 2 * ROWS + 6])
@pytest.mark.parametrize("value", [np.nan, -np.inf])
def test_a_value_that_is_not_finite_is_found_in_any_row(row, value):
    responses = np.zeros((2 * ROWS + 7, 3), dtype=np.float32)
    check_responses(responses, TARGETS, len(responses), "here")
    responses[row, 1:] = value
    with pytest.raises(InputError, match="not finite in here, v1: got 2 columns"):
        check_responses(responses, TARGETS, len(responses), "here")


@pytest.mark.parametrize("kind", ["timeseries", "events"])
def test_samples_of_one_s_own_are_refused_in_time(kind):
    samples = pd.DataFrame({"id": ["a", "b", "c"], "run": "1", "onset": [0.0, 1.0, 2.0]})
    stimuli = samples.assign(text="word", duration=1.0, sample=samples["id"])
    targets = pd.DataFrame({"id": ["v0"], "region": "R", "hemisphere": "", "ceiling": np.nan})
    targets = targets.assign(i=pd.NA, j=pd.NA, k=pd.NA)
    own = samples[["id"]].head(2).assign(repeats=1)
    one = Subject("one", np.zeros((2, 1), np.float32), targets, samples=own)
    cleaning = Cleaning(detrend=True, high_pass=0.0, standardize=True)
    recording = Recording("made", kind, 2.0, cleaning, stimuli, samples, [one])
    if kind == "events":
        check_recording(recording, "here")
        return
    with pytest.raises(InputError, match="own samples of a time series in here: subject one"):
        check_recording(recording, "here")
