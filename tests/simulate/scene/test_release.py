"""Files read back by other libraries; how the loader reads them is tested in tests/prepare."""

import json

import h5py
import nibabel
import numpy as np
import pandas as pd
import pytest
from scipy.io import loadmat

from stages.simulate.scene.release import (
    IMAGES,
    SHARED,
    TRIALS,
    Shown,
    make_design,
    write_design,
    write_session,
    write_stimuli,
    write_surface,
    write_trials,
    write_volume,
)


def test_a_session_holds_the_voxels_given_and_zeros(tmp_path, rng):
    shape, voxels = (7, 6, 5), np.array([(1, 2, 3), (6, 5, 4), (0, 0, 1)])
    betas = rng.normal(0, 3, (TRIALS, 3))
    write_session(tmp_path / "s.hdf5", shape, voxels, betas)
    with h5py.File(tmp_path / "s.hdf5") as file:
        dataset = file["betas"]
        assert (dataset.dtype, dataset.chunks) == (np.int16, (TRIALS, 1, 1, 1))
        assert dataset.id.get_num_chunks() == 3
        stored = dataset[:]
    expected = np.zeros((TRIALS, *shape[::-1]))
    for number, (x, y, z) in enumerate(voxels):
        expected[:, z, y, x] = betas[:, number]
    np.testing.assert_allclose(stored / 300, expected, atol=1 / 600)


def test_volumes_and_surfaces_are_read_by_nibabel(tmp_path, rng):
    volume, affine = rng.random((4, 3, 2)), np.diag([1.8, 1.8, 1.8, 1])
    write_volume(tmp_path / "a.nii.gz", volume, affine)
    image = nibabel.load(tmp_path / "a.nii.gz")
    np.testing.assert_allclose(image.get_fdata(), volume, rtol=1e-6)
    np.testing.assert_allclose(image.affine, affine, rtol=1e-6)
    labels = rng.integers(0, 181, 50).astype(np.int32)
    write_surface(tmp_path, "lh", labels)
    path = tmp_path / "nsddata" / "freesurfer" / "fsaverage" / "label" / "lh.HCP_MMP1.mgz"
    assert (np.asarray(nibabel.load(path).dataobj).ravel() == labels).all()


def test_the_same_content_makes_the_same_bytes(tmp_path, rng):
    volume = rng.random((4, 3, 2))
    for name in "ab":
        write_volume(tmp_path / f"{name}.nii.gz", volume, np.eye(4))
        write_session(
            tmp_path / f"{name}.hdf5", (2, 2, 2), np.zeros((1, 3), int), np.ones((750, 1))
        )
    for kind in ("nii.gz", "hdf5"):
        assert (tmp_path / f"a.{kind}").read_bytes() == (tmp_path / f"b.{kind}").read_bytes()


@pytest.fixture
def design(rng):
    return make_design(2, 200, 300, rng)


def test_planned_images_are_shown_three_times_to_everybody(design):
    assert design.images.shape == (8, 10000)
    assert (design.images[:, :SHARED] == design.images[0, :SHARED]).all()
    assert len(np.unique(design.images)) == IMAGES
    for number in (1, 8):
        images, times = np.unique(design.shown(number, [1, 2]), return_counts=True)
        assert len(images) == 500
        assert (times == 3).all()
        assert np.isin(images, design.images[0, :SHARED]).sum() == 200


def test_the_design_counts_from_1(tmp_path, design):
    write_design(tmp_path, design, (0.1, 0, 0, 0.2))
    folder = tmp_path / "nsddata" / "experiments" / "nsd"
    content = loadmat(folder / "nsd_expdesign.mat")
    order = content["masterordering"].ravel().astype(int)
    assert order.shape == (30000,)
    shown = content["subjectim"].astype(int)[1, order[:1500] - 1]
    assert (shown == design.shown(2, [1, 2]) + 1).all()
    types = {name: content[name].dtype.str for name in content if not name.startswith("__")}
    small, large = "<u2", "<i4"
    assert types == {
        "basiccnt": small, "masterordering": small, "sharedix": large, "subjectim": large,
        "stimpattern": "|u1",
    }  # fmt: skip
    pattern = content["stimpattern"]
    assert pattern.shape == (40, 12, 75)
    assert (pattern.sum(axis=2) == [63, 62] * 6).all()
    assert not pattern[:, :, :3].any()
    assert not pattern[:, :, -4:].any()
    for session in (1, 2, 40):
        times = np.unique(order[: 750 * session], return_counts=True)[1]
        expected = [np.sum(times >= least) for least in (1, 2, 3)]
        assert content["basiccnt"][:, session - 1].tolist() == expected
    info = pd.read_csv(folder / "nsd_stim_info_merged.csv", index_col=0)
    shared = np.flatnonzero(info["shared1000"]) + 1
    assert set(content["sharedix"].ravel()) == set(shared)
    assert set(info["cropBox"]) == {"(0.1, 0, 0, 0.2)"}


def test_the_table_of_trials_has_the_columns_of_the_release(tmp_path, design):
    write_trials(tmp_path, 3, design, 2)
    path = tmp_path / "nsddata" / "ppdata" / "subj03" / "behav" / "responses.tsv"
    table = pd.read_csv(path, sep="\t")
    assert table.shape == (1500, 19)
    assert (table["73KID"] - 1 == design.shown(3, [1, 2])).all()
    assert table.groupby(["SESSION", "RUN"])["TRIAL"].max().tolist() == [63, 62] * 12


def test_annotations_lie_in_the_file_of_their_half_of_coco(tmp_path, rng):
    pixels = rng.integers(0, 256, (2, 8, 8, 3), dtype=np.uint8)
    shown = {
        image: Shown(pixels[row], [f"A {name}."], [(name, [80.0, 0.0, 48.0, 24.0])])
        for row, (image, name) in enumerate(((6, "dog"), (9, "car")))
    }
    write_stimuli(tmp_path, shown, ("car", "dog"))
    folder = tmp_path / "nsddata_stimuli" / "stimuli" / "nsd"
    with h5py.File(folder / "nsd_stimuli.hdf5") as file:
        assert file["imgBrick"].shape == (IMAGES, 8, 8, 3)
        assert file["imgBrick"].id.get_num_chunks() == 2
        assert (file["imgBrick"][6] == pixels[0]).all()
        assert (file["imgBrick"][9] == pixels[1]).all()
    for split, coco, name in (("val2017", 499982, "dog"), ("train2017", 499973, "car")):
        captions = json.loads((folder / "annotations" / f"captions_{split}.json").read_text())
        assert [(one["image_id"], one["caption"]) for one in captions["annotations"]] == [
            (coco, f"A {name}.")
        ]
        boxes = json.loads((folder / "annotations" / f"instances_{split}.json").read_text())
        kinds = {kind["id"]: kind["name"] for kind in boxes["categories"]}
        (box,) = boxes["annotations"]
        assert (box["image_id"], kinds[box["category_id"]]) == (coco, name)
        assert box["bbox"] == [80, 0, 48, 24]
