"""Control models know position and nuisance variables only."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from numpy.testing import assert_allclose

from stages.core.activations.activations import Activations, write_layer
from stages.core.params.schema import Encode, Folds, Lambdas
from stages.core.recording.types import Cleaning, Recording
from stages.core.regression.folds import partition
from stages.core.regression.ridge import cross_validate, lambda_grid
from stages.core.stats.scores import pearson
from stages.core.time.timeline import word_rows
from stages.encode.designs import control_designs, layer_designs, since_onset, smoothed_positions

PARAMS = Encode(
    targets="region",
    regions="all",
    min_voxels=1,
    downsample="glover",
    delays=[0],
    nuisance_delays=[0],
    spillover=0,
    pieces=4,
)
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


def test_controls_know_position_and_nuisance_only():
    controls = control_designs(make_recording(), PARAMS)
    assert controls["nuisance"].shape == (40, 1)
    assert controls["oasm"].shape == (40, 40)
    assert controls["onset"].shape == (40, 20)
    whole = make_recording()
    whole.samples["run"] = whole.stimuli["run"] = "1"
    assert set(control_designs(whole, PARAMS)) == {"nuisance", "oasm"}


def test_time_since_onset_is_the_same_in_every_run_and_ends():
    design = since_onset(np.repeat([3, 1], [50, 70]), 2.0)
    assert design.shape == (120, 30)
    assert_allclose(design[:50], design[50:100])
    assert_allclose(design[4, :6], np.exp(-np.array([16, 9, 4, 1, 0, 1]) / 8))
    assert (design[50 - 12 : 50] == 0).all()


def test_what_begins_with_a_run_is_seen_by_the_onset_and_not_by_the_position(rng):
    runs = np.repeat(np.arange(4), 100)
    response = np.tile(np.exp(-np.arange(100) / 8.0), 4) + 0.2 * rng.standard_normal(400)
    cut = partition(runs, Folds(scheme="runs", blocks=2, gap=5))
    lambdas = lambda_grid(Lambdas(low=1e-2, high=1e4, count=8))
    scores = [
        pearson(cross_validate(design, response[:, None], cut.folds, lambdas).observed)[0]
        for design in (since_onset(runs, 2.0), smoothed_positions(runs))
    ]
    assert scores[0] > 0.5
    assert abs(scores[1]) < 0.1


def test_positions_are_smooth_within_runs_and_blind_to_other_runs():
    positions = smoothed_positions(np.array([1, 1, 1, 2, 2]))
    assert_allclose(positions[0, :3], np.exp(-np.array([0, 1, 4]) / 8))
    assert (positions[:3, 3:] == 0).all()


def test_the_nuisance_variables_keep_the_count_of_words():
    recording = make_recording(cleaning=None)
    rate = recording.nuisance.assign(word_length=1.0)
    counted = control_designs(replace(recording, nuisance=rate), PARAMS)["nuisance"]
    assert np.abs(counted).max() > 1


@pytest.mark.parametrize(("centre", "silent"), [(True, True), (False, False)])
def test_a_layer_that_says_the_same_of_every_word_says_nothing(tmp_path, centre, silent):
    recording = make_recording(cleaning=None)
    write_layer(tmp_path / "layer_00.safetensors", np.ones((80, 2), np.float32))
    about = Activations(
        "m", "m", "", "language", 1, "", None, "context", 1, "last", "float32", "s", "k",
        layers={"layer_00": 2}, widths={"layer_00": 2}, heads=0, attention_statistics=[],
    )  # fmt: skip
    rows = word_rows(recording.stimuli)
    (design,) = layer_designs(tmp_path, about, rows, recording, PARAMS, centre=centre).values()
    assert (np.abs(design).max() < 1e-9) == silent
