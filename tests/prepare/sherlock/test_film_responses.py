import nibabel
import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal
from scipy.io import savemat

from stages.core.run.errors import InputError
from stages.prepare.sherlock.film_responses import (
    read_courses,
    read_mask,
    read_voxels,
    recorded_scans,
    shared_scans,
    voxel_targets,
)
from tests.prepare.sherlock.film_release import AFFINE, SHAPE


def save_mask(path, values):
    nibabel.save(nibabel.Nifti1Image(values.astype(np.float32), AFFINE), path)
    return path


def test_voxels_are_in_the_order_of_matlab(tmp_path, rng):
    mask = rng.random(SHAPE) < 0.6
    voxels, affine, shape = read_mask(save_mask(tmp_path / "m.nii", mask))
    loop = [
        (i, j, k)
        for k in range(SHAPE[2])
        for j in range(SHAPE[1])
        for i in range(SHAPE[0])
        if mask[i, j, k]
    ]
    assert voxels.tolist() == [list(place) for place in loop]
    assert voxels.tolist() != np.argwhere(mask).tolist()
    assert_array_equal(affine, AFFINE)
    assert shape == SHAPE


def test_sides_of_voxels():
    targets = voxel_targets(np.array([[0, 0, 0], [2, 1, 1], [1, 2, 0]]), AFFINE, "here")
    assert targets["hemisphere"].tolist() == ["L", "R", "L"]
    assert targets[["i", "j", "k"]].to_numpy().tolist() == [[0, 0, 0], [2, 1, 1], [1, 2, 0]]
    middle = voxel_targets(np.array([[1, 0, 0]]), np.diag([3.0, 3, 3, 1]) - 3 * np.eye(4, k=3), "x")
    assert middle["hemisphere"].tolist() == [""]


@pytest.mark.parametrize("values", [np.zeros(SHAPE), np.full(SHAPE, 0.5), np.ones((2, 2))])
def test_what_is_no_mask(tmp_path, values):
    with pytest.raises(InputError, match="not a mask"):
        read_mask(save_mask(tmp_path / "m.nii", values))


def test_a_cut_mask(tmp_path):
    path = save_mask(tmp_path / "m.nii", np.ones(SHAPE))
    path.write_bytes(path.read_bytes()[:-8])
    with pytest.raises(InputError, match="unreadable NIfTI file"):
        read_mask(path)


def test_voxels_that_are_left_out_have_no_values(tmp_path, rng):
    kept = np.array([1, 0, 1, 1], np.uint8)
    data = rng.standard_normal((3, 6))
    savemat(tmp_path / "v.mat", {"keptvox": kept[:, None], "rdata": data})
    series = read_voxels(tmp_path / "v.mat", 4, 6)
    assert_allclose(series[:, kept == 1], data.T)
    assert np.isnan(series[:, 1]).all()


@pytest.mark.parametrize(("n_voxels", "n_scans"), [(5, 6), (4, 7)])
def test_voxels_of_another_mask_or_other_scans(tmp_path, n_voxels, n_scans):
    savemat(tmp_path / "v.mat", {"keptvox": np.ones((4, 1)), "rdata": np.ones((4, 6))})
    with pytest.raises(InputError, match="wrong shape"):
        read_voxels(tmp_path / "v.mat", n_voxels, n_scans)


def test_courses_are_by_person(tmp_path, rng):
    courses = rng.standard_normal((2, 8, 3))
    for region, values in zip("ab", courses, strict=True):
        savemat(tmp_path / f"{region}.mat", {"roitc": values})
    files = {region: tmp_path / f"{region}.mat" for region in "ab"}
    found = read_courses(files, 8, 3)
    assert found.shape == (3, 8, 2)
    assert_array_equal(found[1, :, 0], courses[0, :, 1])
    with pytest.raises(InputError, match=r"wrong shape in .*roitc: expected 8 × 4"):
        read_courses(files, 8, 4)


def test_scans_until_nothing_moves(rng):
    courses = rng.standard_normal((20, 3))
    assert recorded_scans(courses, "s1") == 20
    courses[10:, :2] = 0
    assert recorded_scans(courses, "s1") == 20
    courses[15:, 2] = courses[15, 2]
    assert recorded_scans(courses, "s1") == 15
    courses[19] = 1
    with pytest.raises(InputError, match=r"repeat the one before .*s1: got scan 17 of 20"):
        recorded_scans(courses, "s1")
    with pytest.raises(InputError, match=r"repeat the one before .*got scan 2 of 20"):
        recorded_scans(np.ones((20, 3)), "s1")


def test_the_last_scan_alone_repeated(rng):
    courses = rng.standard_normal((20, 3))
    courses[19] = courses[18]
    assert recorded_scans(courses, "s1") == 18


def test_scans_that_somebody_lacks_are_named(rng, caplog):
    courses = {name: rng.standard_normal((20, 3)) for name in ("s1", "s2", "s3")}
    assert shared_scans(courses) == 20
    assert not caplog.messages
    courses["s2"][17:] = courses["s2"][17]
    assert shared_scans(courses) == 17
    assert "the last 3 of 20 scans are left out for everybody: s2" in caplog.text
