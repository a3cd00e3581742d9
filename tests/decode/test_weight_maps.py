"""Maps lie where the voxels are, by anybody's reading of the file."""

import nibabel
import numpy as np
import pandas as pd
import pytest
from nilearn.image import index_img
from nilearn.plotting import find_xyz_cut_coords

from stages.core.recording.types import Subject
from stages.decode.weight_maps import weight_image, write_maps

AFFINE = np.array([[-3.0, 0, 0, 78], [0, 3, 0, -112], [0, 0, 3, -50], [0, 0, 0, 1]])
SHAPE = (53, 63, 46)


@pytest.fixture
def subject(rng):
    """Two regions around known places in millimetres, voxels in random order."""
    grid = np.indices(SHAPE).reshape(3, -1).T
    place = grid @ AFFINE[:3, :3].T + AFFINE[:3, 3]
    centres = [-44, -61, 36], [-53, -21, 7]
    parts = [grid[((place - centre) ** 2).sum(axis=1) < 8**2] for centre in centres]
    regions = np.repeat(["Angular_L", "Temporal_Sup_L"], [len(part) for part in parts])
    order = rng.permutation(len(regions))
    targets = pd.DataFrame({"id": [f"v{i}" for i in order], "region": regions[order]})
    targets[["i", "j", "k"]] = np.vstack(parts)[order].astype(float)
    return Subject("s1", np.zeros((2, len(order)), np.float32), targets, AFFINE, SHAPE)


def columns_of(subject):
    regions = subject.targets["region"]
    return {name: np.flatnonzero(regions == name) for name in regions.unique()}


def test_a_viewer_shows_the_weights_in_their_region(subject, tmp_path):
    columns = columns_of(subject)
    weights = {
        "Angular_L": np.tile([1.0, 0.0], (len(columns["Angular_L"]), 1)),
        "Temporal_Sup_L": np.tile([0.0, 2.0], (len(columns["Temporal_Sup_L"]), 1)),
    }
    write_maps(tmp_path, "s1", weight_image(subject, columns, weights), ["Speech/speak", "NNSE/a"])
    image = nibabel.load(tmp_path / "s1.nii.gz")
    assert image.shape == (*SHAPE, 2)
    assert image.get_data_dtype() == np.float32
    np.testing.assert_allclose(image.affine, AFFINE)
    for volume, centre in enumerate([(-44, -61, 36), (-53, -21, 7)]):
        found = find_xyz_cut_coords(index_img(image, volume), activation_threshold=0.5)
        np.testing.assert_allclose(found, centre, atol=1.6)


def test_each_weight_is_at_its_own_voxel(subject, rng):
    columns = columns_of(subject)
    weights = {name: rng.standard_normal((len(found), 1)) for name, found in columns.items()}
    volume = weight_image(subject, columns, weights).get_fdata()[..., 0]
    for name, found in columns.items():
        for column, weight in zip(found, weights[name][:, 0], strict=True):
            i, j, k = subject.targets[["i", "j", "k"]].iloc[column].astype(int)
            assert np.isclose(volume[i, j, k], weight)
    assert np.count_nonzero(volume) == len(subject.targets)


def test_the_legend_names_the_volumes_and_files_are_the_same_every_time(subject, tmp_path):
    columns = columns_of(subject)
    weights = {name: np.ones((len(found), 1)) for name, found in columns.items()}
    image = weight_image(subject, columns, weights)
    for folder in ("one", "other"):
        write_maps(tmp_path / folder, "s1", image, ["Part_of_speech/,"])
    legend = pd.read_csv(tmp_path / "one" / "s1.tsv", sep="\t")
    assert legend.iloc[0].to_dict() == {
        "volume": 0, "feature": "Part_of_speech/,", "type": "Part_of_speech", "family": "syntax",
    }  # fmt: skip
    files = [tmp_path / folder / "s1.nii.gz" for folder in ("one", "other")]
    assert files[0].read_bytes() == files[1].read_bytes()
    assert sorted(path.name for path in (tmp_path / "one").iterdir()) == ["s1.nii.gz", "s1.tsv"]
