"""Control models know position and nuisance variables only."""

import numpy as np
import pandas as pd
from numpy.testing import assert_allclose

from stages.core.params.schema import Encode
from stages.core.recording.types import Cleaning, Recording
from stages.encode.designs import control_designs, smoothed_positions

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


def test_controls_know_position_and_nuisance_only():
    controls = control_designs(make_recording(), PARAMS)
    assert controls["nuisance"].shape == (40, 1)
    assert controls["oasm"].shape == (40, 40)


def test_positions_are_smooth_within_runs_and_blind_to_other_runs():
    positions = smoothed_positions(np.array([1, 1, 1, 2, 2]))
    assert_allclose(positions[0, :3], np.exp(-np.array([0, 1, 4]) / 8))
    assert (positions[:3, 3:] == 0).all()
