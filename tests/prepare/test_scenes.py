"""A recording of images is written whole, its description last."""

import dataclasses

import numpy as np
import pandas as pd
import pytest

from stages.core.pictures.images import open_images
from stages.core.recording.recording_files import read_recording
from stages.core.recording.types import Recording, Subject
from stages.core.run.errors import InputError
from stages.prepare.scenes import Scenes, write_scenes


@pytest.fixture
def scenes(rng):
    ids = ["i0", "i1", "i2"]
    times = {"id": ids, "run": "1", "onset": [0.0, 1.0, 2.0]}
    targets = pd.DataFrame(
        {"id": ["v0"], "region": ["V1"], "hemisphere": ["left"], "i": [0], "j": [0], "k": [0],
         "ceiling": [0.5]}
    )  # fmt: skip
    recording = Recording(
        dataset="made",
        kind="events",
        tr=None,
        cleaning=None,
        stimuli=pd.DataFrame(times | {"text": "a dog", "duration": 1.0, "sample": ids}),
        samples=pd.DataFrame(times),
        subjects=[Subject("s1", rng.random((3, 1), dtype=np.float32), targets)],
    )
    return Scenes(recording, rng.integers(0, 256, (3, 4, 5, 3), dtype=np.uint8))


def test_images_lie_beside_the_recording(scenes, tmp_path):
    write_scenes(tmp_path, scenes)
    assert read_recording(tmp_path).dataset == "made"
    with open_images(tmp_path / "images.hdf5", ["i0", "i1", "i2"]) as images:
        np.testing.assert_array_equal(images[:], scenes.images)


def test_nothing_is_written_of_a_wrong_recording(scenes, tmp_path):
    wrong = dataclasses.replace(scenes.recording, kind="film")
    with pytest.raises(InputError, match="unknown kind"):
        write_scenes(tmp_path, dataclasses.replace(scenes, recording=wrong))
    assert not list(tmp_path.iterdir())


def test_the_description_comes_last(scenes, tmp_path):
    with pytest.raises(InputError, match="not an image"):
        write_scenes(tmp_path, dataclasses.replace(scenes, images=scenes.images.astype(float)))
    assert not (tmp_path / "recording.json").exists()
