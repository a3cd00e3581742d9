"""Designs are joined by id, delayed within runs, cleaned like the responses."""

import numpy as np
import pandas as pd
import pytest
from numpy.testing import assert_allclose

from stages.core.cleaning import clean
from stages.core.downsample import glover_weights
from stages.core.errors import InputError
from stages.core.params import Encode
from stages.core.recording import Cleaning, Recording
from stages.encode.designs import aligner, control_designs, delayed, smoothed_positions

PARAMS = Encode(targets="region", regions="all", min_voxels=1, downsample="glover", delays=[0])
CLEANING = Cleaning(True, 0.0, True)


def make_recording(tr=2.0, cleaning=CLEANING):
    samples = pd.DataFrame(
        {"id": [f"t{i}" for i in range(40)], "run": np.repeat(["1", "2"], 20)}
    ).assign(onset=np.tile(np.arange(20) * 2.0, 2))
    stimuli = pd.DataFrame(
        {"id": [f"w{i}" for i in range(80)], "text": "x", "run": np.repeat(["1", "2"], 40)}
    ).assign(
        onset=np.tile(np.arange(40) * 1.0, 2),
        duration=1.0,
        sample=samples["id"].repeat(2).to_numpy(),
    )
    nuisance = pd.DataFrame({"id": stimuli["id"], "word_length": np.arange(80.0)})
    return Recording("toy", "timeseries", tr, cleaning, stimuli, samples, [], nuisance=nuisance)


def rows_of(recording):
    return recording.stimuli.assign(offset=recording.stimuli["onset"] + 1)


def test_glover_then_cleaned_like_the_responses(rng):
    recording = make_recording()
    values = rng.standard_normal((80, 3))
    rows = rows_of(recording)
    ours = aligner(recording, PARAMS, rows)(values)
    runs = recording.samples["run"].to_numpy()
    assert_allclose(
        ours, clean(glover_weights(recording.samples, rows) @ values, runs, 2.0, CLEANING)
    )


def test_windows_with_delays(rng):
    params = PARAMS.model_copy(update={"downsample": "window", "delays": [1, 2]})
    recording = make_recording(cleaning=None)
    values = rng.standard_normal((80, 1))
    ours = aligner(recording, params, rows_of(recording))(values)
    means = values.reshape(40, 2).mean(axis=1)
    assert_allclose(ours[3], [means[2], means[1]])
    assert_allclose(ours[20], [0, 0])
    assert_allclose(ours[21], [means[20], 0])


def test_delays_never_cross_a_run():
    series = np.arange(1.0, 7.0)[:, None]
    assert_allclose(delayed(series, np.array([1, 1, 1, 2, 2, 2]), [0, 2])[:, 1], [0, 0, 1, 0, 0, 4])


def test_events_are_joined_by_id_not_by_order(rng):
    recording = make_recording(tr=None, cleaning=None)
    rows = pd.DataFrame(
        {"id": recording.samples["id"][::-1], "sample": recording.samples["id"][::-1]}
    )
    values = rng.standard_normal((40, 2))
    assert_allclose(aligner(recording, PARAMS, rows)(values), values[::-1])


def test_an_event_without_a_row_is_named():
    recording = make_recording(tr=None, cleaning=None)
    rows = pd.DataFrame({"sample": recording.samples["id"].drop(5)})
    with pytest.raises(InputError, match="event without a row .*expected a row for event t5"):
        aligner(recording, PARAMS, rows)


def test_controls_know_position_and_nuisance_only():
    controls = control_designs(make_recording(), PARAMS)
    assert controls["nuisance"].shape == (40, 1)
    assert controls["oasm"].shape == (40, 40)


def test_positions_are_smooth_within_runs_and_blind_to_other_runs():
    positions = smoothed_positions(np.array([1, 1, 1, 2, 2]))
    assert_allclose(positions[0, :3], np.exp(-np.array([0, 1, 4]) / 8))
    assert (positions[:3, 3:] == 0).all()
