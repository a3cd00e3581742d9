"""Simulated recordings and layers on disk are read as those of other stages."""

import numpy as np
import pandas as pd
import pytest

from stages.calibrate.simulated_folders import (
    image_table,
    target_table,
    voxel_table,
    write_folders,
)
from stages.core.activations.activations import read_about, read_layer
from stages.core.recording.recording_files import read_recording
from stages.core.recording.types import Recording, Subject, stimuli_digest


def test_images_are_stimuli_of_one_run_one_after_the_other():
    table = image_table(3)
    assert table["onset"].dtype == table["duration"].dtype == float
    assert table.to_dict("list") == {
        "id": ["image000", "image001", "image002"],
        "text": ["image000", "image001", "image002"],
        "run": ["1"] * 3,
        "onset": [0.0, 1.0, 2.0],
        "duration": [1.0] * 3,
        "sample": ["image000", "image001", "image002"],
    }


def test_voxels_stand_in_a_row_region_after_region():
    table = voxel_table(["a", "b"], 2)
    assert table["id"].tolist() == ["v00000", "v00001", "v00002", "v00003"]
    assert table["region"].tolist() == ["a", "a", "b", "b"]
    assert table[["i", "j", "k"]].to_numpy().tolist() == [
        [0, 0, 0],
        [1, 0, 0],
        [2, 0, 0],
        [3, 0, 0],
    ]
    assert table["ceiling"].isna().all()
    assert (table["hemisphere"] == "").all()
    assert list(table) == list(target_table(["x"], ["y"], np.zeros((1, 3), int)))


@pytest.mark.parametrize(
    ("kind", "modality", "presentation"),
    [("timeseries", "language", "context"), ("events", "vision", "image")],
)
def test_what_is_written_is_read(tmp_path, kind, modality, presentation):
    stimuli = image_table(4).assign(duration=[0.5, 1.0, 0.25, 1.0])
    samples = pd.DataFrame({"id": stimuli["sample"], "run": "1", "onset": stimuli["onset"]})
    responses = np.arange(8, dtype=np.float32).reshape(4, 2)
    subject = Subject("simulated", responses, voxel_table(["a"], 2), np.eye(4), (2, 1, 1))
    tr = 1.0 if kind == "timeseries" else None
    recording = Recording("simulated", kind, tr, None, stimuli, samples, [subject])
    layers = {"one": np.arange(12.0).reshape(4, 3), "two": np.ones((4, 5))}
    write_folders(tmp_path, recording, layers)
    found = read_recording(tmp_path / "recording")
    np.testing.assert_array_equal(found.subjects[0].responses, responses)
    about, rows = read_about(tmp_path / "layers", stimuli_digest(stimuli))
    assert about.layers == about.widths == {"one": 3, "two": 5}
    assert (about.modality, about.presentation) == (modality, presentation)
    assert (about.parameters, about.heads, about.seed) == (1, 0, None)
    assert rows["offset"].tolist() == [0.5, 2.0, 2.25, 4.0]
    layer = read_layer(tmp_path / "layers", "one", about, 4)
    np.testing.assert_array_equal(layer, layers["one"])
