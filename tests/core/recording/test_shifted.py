"""Responses that were moved back in time say so, on disk and in memory."""

import json

import numpy as np
import pytest

from stages.core.recording.recording_files import read_recording, read_timeline, write_recording
from stages.core.run.errors import InputError
from tests.core.test_contracts import make_recording


def test_the_shift_survives_a_round_trip(tmp_path, rng):
    write_recording(tmp_path, make_recording(rng, shifted=4.5))
    assert read_recording(tmp_path).timeline.shifted == 4.5
    assert read_timeline(tmp_path).shifted == 4.5


def test_no_shift_is_no_key_and_the_other_way_round(tmp_path, rng):
    write_recording(tmp_path, make_recording(rng))
    assert "shifted" not in json.loads((tmp_path / "recording.json").read_text())
    assert read_recording(tmp_path).shifted == read_timeline(tmp_path).shifted == 0.0


@pytest.mark.parametrize("seconds", [-4.5, np.inf, np.nan])
def test_shifts_of_no_sense_are_refused(tmp_path, rng, seconds):
    with pytest.raises(InputError, match=r"cannot have been moved back .* of timeseries"):
        write_recording(tmp_path, make_recording(rng, shifted=seconds))


def test_events_have_no_shift(tmp_path, rng):
    with pytest.raises(InputError, match=r"cannot have been moved back .*got 4\.5 of events"):
        write_recording(tmp_path, make_recording(rng, shifted=4.5, kind="events", tr=None))


def test_stimuli_of_no_duration_would_be_lost(tmp_path, rng):
    stimuli = make_recording(rng).stimuli.assign(duration=[0.5, 0.0, 0.5])
    recording = make_recording(rng, shifted=4.5, stimuli=stimuli)
    with pytest.raises(InputError, match=r"on for no time in .*stimuli: got w1"):
        write_recording(tmp_path, recording)
