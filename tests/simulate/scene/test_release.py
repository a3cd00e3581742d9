"""Files read back by other libraries; how the loader reads them is tested in tests/prepare."""

import json
from fractions import Fraction

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
    Brain,
    Shown,
    make_design,
    session_path,
    trial_pattern,
    write_brain,
    write_design,
    write_names,
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
    assert list(info.index) == list(info["nsdId"]) == list(range(73000))
    assert info["cocoId"].iloc[[0, 1, 72999]].tolist() == [500000, 499997, 281003]
    assert info["cocoSplit"].iloc[:3].tolist() == ["val2017", "train2017", "val2017"]
    assert (info["loss"] == 0).all()
    assert not info[["flagged", "BOLD5000"]].any(axis=None)
    assert len(shared) == 1000


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


def test_every_column_of_the_trials_is_told_or_missing(tmp_path, design):
    write_trials(tmp_path, 3, design, 2)
    path = tmp_path / "nsddata" / "ppdata" / "subj03" / "behav" / "responses.tsv"
    assert path.read_text().splitlines()[1].split("\t")[6:8] == ["NaN", "NaN"]
    table = pd.read_csv(path, sep="\t")
    told = ["SUBJECT", "SESSION", "RUN", "TRIAL", "73KID", "10KID", "MISSINGDATA"]
    assert list(table.columns[table.notna().any()]) == told
    assert (table["SUBJECT"] == 3).all()
    assert (table["MISSINGDATA"] == 0).all()
    assert (table["10KID"] == design.ordering[:1500] + 1).all()
    lengths = [63, 62] * 6
    rows = [
        (session, run + 1, trial + 1)
        for session in (1, 2)
        for run in range(12)
        for trial in range(lengths[run])
    ]
    assert list(table[["SESSION", "RUN", "TRIAL"]].itertuples(index=False, name=None)) == rows


def test_later_sessions_follow_in_their_order(design):
    for number, sessions in ((1, [2]), (4, [3, 1]), (8, [40])):
        rows = [row for one in sessions for row in range(750 * (one - 1), 750 * one)]
        assert design.shown(number, sessions).tolist() == [
            design.images[number - 1][design.ordering[row]] for row in rows
        ]


def test_images_that_are_not_planned_come_late(design):
    """Of 200 shared and 300 own images none but these in two sessions, all 10,000 later."""
    assert set(design.ordering[:1500]) == {*range(200), *range(1000, 1300)}
    late = design.ordering[1500:]
    assert len(late) == 28500
    assert (late.min(), late.max()) == (0, 9999)


@pytest.mark.parametrize(("run", "trials"), [(0, 63), (1, 62)])
def test_trials_are_spread_between_three_blanks_and_four(run, trials):
    """By fractions: 68 places, in even steps, rounded to the nearest, halves to even."""
    expected = {round(3 + Fraction(67 * k, trials - 1)) for k in range(trials)}
    for session in (0, 39):
        assert set(np.flatnonzero(trial_pattern()[session, run])) == expected


def test_the_colour_table_counts_areas_from_1(tmp_path):
    write_names(tmp_path)
    path = tmp_path / "nsddata" / "freesurfer" / "fsaverage" / "label" / "HCP_MMP1.mgz.ctab"
    text = path.read_text()
    assert text.startswith("0 Unknown\t    \n1 V1\t    \n2 MST\t    \n3 V6\t    \n")
    assert len(text.splitlines()) == 181
    assert text.endswith("\t    \n")


def test_the_volumes_of_a_person(tmp_path):
    left, right, ratio = (np.full((2, 3, 4), -1.0) for _ in range(3))
    left[0, 0, 0], left[0, 0, 1], right[1, 0, 0] = 0, 7, 9
    ratio[:] = 0.25
    affine = np.diag([1.8, 1.8, 1.8, 1])
    write_brain(tmp_path, 4, Brain(left, right, ratio, affine))
    rois = tmp_path / "nsddata" / "ppdata" / "subj04" / "func1pt8mm" / "roi"
    both = left.copy()
    both[1, 0, 0] = 9
    for name, volume in (("lh.", left), ("rh.", right), ("", both)):
        found = nibabel.load(rois / f"{name}HCP_MMP1.nii.gz")
        assert found.get_data_dtype() == np.float32
        assert (found.get_fdata() == volume).all()
        np.testing.assert_allclose(found.affine, affine, rtol=1e-6)
    folder = tmp_path / "nsddata_betas" / "ppdata" / "subj04" / "func1pt8mm"
    found = nibabel.load(folder / "betas_fithrf_GLMdenoise_RR" / "ncsnr.nii.gz")
    assert (found.get_fdata() == ratio).all()
    name = "betas_session03.hdf5"
    assert session_path(tmp_path, 4, 3) == folder / "betas_fithrf_GLMdenoise_RR" / name


def test_annotations_have_ids_sizes_and_outlines(tmp_path):
    pixels = np.zeros((4, 4, 3), np.uint8)
    about = Shown(pixels, ["One.", "Two."], [("dog", [80.0, 10.0, 48.0, 24.0])])
    write_stimuli(tmp_path, {6: about}, ("car", "dog"))
    folder = tmp_path / "nsddata_stimuli" / "stimuli" / "nsd" / "annotations"
    captions = json.loads((folder / "captions_val2017.json").read_text())
    assert captions["images"] == [{"id": 499982, "width": 640, "height": 480}]
    assert [one["id"] for one in captions["annotations"]] == [60, 61]
    boxes = json.loads((folder / "instances_val2017.json").read_text())
    assert boxes["images"] == captions["images"]
    assert boxes["categories"] == [{"id": 1, "name": "car"}, {"id": 2, "name": "dog"}]
    (box,) = boxes["annotations"]
    assert (box["category_id"], box["iscrowd"]) == (2, 0)
    assert box["segmentation"] == [[80, 10, 128, 10, 128, 34, 80, 34]]
    nothing = json.loads((folder / "instances_train2017.json").read_text())
    assert (nothing["images"], nothing["annotations"]) == ([], [])


def test_files_do_not_say_when_they_were_written(tmp_path):
    write_volume(tmp_path / "a.nii.gz", np.ones((2, 2, 2)), np.eye(4))
    write_surface(tmp_path, "rh", np.ones(5, np.int32))
    surface = tmp_path / "nsddata" / "freesurfer" / "fsaverage" / "label" / "rh.HCP_MMP1.mgz"
    for path in (tmp_path / "a.nii.gz", surface):
        assert path.read_bytes()[4:8] == bytes(4)
    np.testing.assert_array_equal(nibabel.load(surface).affine, np.eye(4))
