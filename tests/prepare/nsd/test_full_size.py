"""A tenth of the real size: of sessions, voxels, images, pixels and annotations."""

import h5py
import numpy as np
import pandas as pd
import pytest
from scipy.stats import zscore

from stages.core.pictures.images import open_images
from stages.core.recording.recording_files import read_recording
from stages.prepare.nsd.load import Selection, load_nsd
from stages.prepare.nsd.tree import Tree, read_design
from stages.prepare.scenes import write_scenes
from tests.prepare.nsd_full_size import Size, write_release

TENTH = Size(0.1)


@pytest.mark.slow
def test_a_tenth_of_a_person(tmp_path, rng):
    write_release(tmp_path / "raw", TENTH, rng)
    selection = Selection("all", [1, 2, 3, 4], "all")
    write_scenes(tmp_path / "out", load_nsd(tmp_path / "raw", "nsd", selection))
    recording = read_recording(tmp_path / "out")
    (person,) = recording.subjects
    assert person.responses.shape == (1000, 3300)
    assert (person.samples["repeats"] == 3).all()
    assert person.targets["region"].nunique() == 180
    assert (recording.features["category/person"] == 1).all()
    with open_images(tmp_path / "out" / "images.hdf5", list(recording.stimuli["id"])) as images:
        assert images.shape == (1000, 134, 134, 3)
        assert images[999].any()

    tree = Tree(tmp_path / "raw")
    design = read_design(tree.design)
    some = person.targets.iloc[::331]
    sessions = []
    for number in selection.sessions:
        with h5py.File(tree.session("subj01", number)) as file:
            betas = [file["betas"][:, k, j, i] for i, j, k in some[["i", "j", "k"]].to_numpy(int)]
        sessions.append(zscore(np.transpose(betas).astype(float)))
    scores = np.concatenate(sessions)
    shown = design.images[0, design.ordering[: len(scores)]]
    expected = pd.DataFrame(scores).groupby(shown).mean()
    np.testing.assert_allclose(person.responses[:, ::331], expected, atol=1e-5)
