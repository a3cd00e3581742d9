"""Images are those that the recording was written with."""

import json

import h5py
import numpy as np
import pytest

from stages.core.params.read import read_params
from stages.core.recording.recorded_images import require_images
from stages.core.recording.recording_files import read_recording
from stages.core.run.errors import InputError
from stages.core.run.files import write_json
from stages.core.run.seals import sealed
from stages.prepare.scenes import write_scenes
from stages.prepare.tables.lab_scenes import load_table_images
from tests.conftest import PROJECT
from tests.prepare.tables.lab_tables import write_pictures


@pytest.fixture
def folder(tmp_path, rng, monkeypatch):
    """A laboratory's recording of images."""
    monkeypatch.setenv("CONCORD_SCRATCH", str(tmp_path / "scratch"))
    scene = read_params(PROJECT / "params.yaml").scene
    raw = write_pictures(tmp_path / "raw", rng)
    write_scenes(tmp_path / "recording", load_table_images(raw, scene))
    return tmp_path / "recording"


def test_whole_images_are_taken(folder):
    assert require_images(folder) == folder / "images.hdf5"


def test_a_pixel_that_was_edited_is_noticed_by_who_looks(folder):
    with h5py.File(folder / "images.hdf5", "r+") as file:
        file["images"][3, 2, 1, 0] ^= np.uint8(1)
    with pytest.raises(InputError, match=r"another file than was described in .*images\.hdf5"):
        require_images(folder)
    read_recording(folder)  # who looks at responses alone reads no images


def test_a_recording_of_before_says_nothing_of_its_images(folder):
    path = folder / "recording.json"
    about = json.loads(path.read_text())
    assert about["files"].pop("images.hdf5")
    write_json(path, sealed({name: about[name] for name in about if name != "digest"}))
    (folder / "images.hdf5").write_bytes(b"others")
    assert require_images(folder) == folder / "images.hdf5"
    path.unlink()
    assert require_images(folder) == folder / "images.hdf5"
