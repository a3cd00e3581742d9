import gzip

import nibabel
import numpy as np
import pytest

from stages.core.run.errors import InputError
from stages.prepare.series.run_series import header_tr, read_series, series_length
from stages.prepare.series.voxel_places import volume_places
from tests.prepare.series.made_images import LAS, MASK, OBLIQUE, SHAPE, write_mask, write_run

N = 7


@pytest.fixture
def values(rng):
    return rng.normal(100, 5, (*SHAPE, N))


@pytest.mark.parametrize("name", ["run.nii.gz", "run.nii"])
@pytest.mark.parametrize("affine", [LAS, OBLIQUE, np.diag([2.0, 2, 2, 1])])
def test_a_run_is_what_nibabel_reads(tmp_path, values, name, affine):
    path = write_run(tmp_path / name, values, affine)
    places = volume_places([path], [write_mask(tmp_path / "mask.nii.gz", affine=affine)])
    found = read_series(path, places)
    whole = np.asanyarray(nibabel.load(path).dataobj)
    expected = np.array([[whole[i, j, k, t] for i, j, k in np.argwhere(MASK)] for t in range(N)])
    assert found.dtype == np.float32
    np.testing.assert_array_equal(found, expected)
    assert places.table["id"].tolist() == [f"{i}-{j}-{k}" for i, j, k in np.argwhere(MASK)]
    np.testing.assert_array_equal(places.affine, nibabel.load(path).affine)
    assert (places.kind, places.shape, len(places)) == ("volume", SHAPE, MASK.sum())
    at = nibabel.affines.apply_affine(nibabel.load(path).affine, np.argwhere(MASK))
    np.testing.assert_allclose(places.xyz, at)
    sides = ["" if abs(x) <= 1e-3 else "L" if x < 0 else "R" for x in at[:, 0]]
    assert places.table["hemisphere"].tolist() == sides
    assert {"L", "R"} <= set(sides) or affine[0, 0] == 2


def test_slope_and_intercept_are_applied(tmp_path, rng):
    raw = rng.integers(-500, 500, (*SHAPE, N))
    path = write_run(tmp_path / "run.nii.gz", raw, scale=(0.05, 900))
    places = volume_places([path], [write_mask(tmp_path / "mask.nii.gz")])
    expected = raw[MASK > 0].T * np.float32(0.05) + 900
    np.testing.assert_allclose(read_series(path, places), expected, rtol=1e-6)
    np.testing.assert_allclose(
        read_series(path, places), nibabel.load(path).get_fdata()[MASK > 0].T, rtol=1e-7
    )


def test_big_endian_and_second_version(tmp_path, values):
    path = tmp_path / "run.nii"
    header = nibabel.Nifti1Header(endianness=">")
    nibabel.save(nibabel.Nifti1Image(values.astype(">f4"), LAS, header), path)
    other = tmp_path / "two.nii.gz"
    nibabel.save(nibabel.Nifti2Image(values.astype(np.float64), LAS), other)
    mask = write_mask(tmp_path / "mask.nii.gz")
    for one in (path, other):
        found = read_series(one, volume_places([one], [mask]))
        np.testing.assert_allclose(found, values[MASK > 0].T, rtol=1e-6)


def without_place(path):
    image = nibabel.load(path)
    made = nibabel.Nifti1Image(np.asarray(image.dataobj), None, image.header)
    made.header["sform_code"] = made.header["qform_code"] = 0
    nibabel.save(made, path)
    return path


def test_voxels_without_a_place(tmp_path, values):
    run, mask = write_run(tmp_path / "run.nii", values), write_mask(tmp_path / "mask.nii")
    with pytest.raises(InputError, match=r"voxels without a place in .*mask\.nii: .*got both 0"):
        volume_places([run], [without_place(mask)])
    with pytest.raises(InputError, match=r"voxels without a place in .*run\.nii"):
        volume_places([without_place(run)], [])


def test_a_mask_is_the_intersection_over_runs(tmp_path, values):
    runs = [write_run(tmp_path / f"run-{n}.nii.gz", values) for n in (1, 2)]
    other = np.roll(MASK, 1, axis=0)
    masks = [write_mask(tmp_path / f"{n}.nii.gz", m) for n, m in enumerate((MASK, other * 255))]
    places = volume_places(runs, masks)
    np.testing.assert_array_equal(places.voxels, np.argwhere((MASK > 0) & (other > 0)))


def test_without_masks_what_is_finite_and_varies_in_every_run(tmp_path, values, caplog):
    other = values.copy()
    values[0], values[1, 1, 1] = 0, np.nan
    other[2, 2, 2], other[3, 3, 3, 4] = 7, np.inf
    runs = [write_run(tmp_path / f"{n}.nii.gz", v) for n, v in enumerate((values, other))]
    with caplog.at_level("INFO"):
        places = volume_places(runs, [])
    expected = np.ones(SHAPE, dtype=bool)
    expected[0] = expected[1, 1, 1] = expected[2, 2, 2] = expected[3, 3, 3] = False
    np.testing.assert_array_equal(places.voxels, np.argwhere(expected))
    assert f"no mask: {expected.sum()} of {expected.size} voxels" in caplog.text


@pytest.mark.parametrize(
    ("tr", "unit", "expected"),
    [
        (2.0, "sec", 2.0),
        (720.0, "msec", 0.72),
        (1.5e6, "usec", 1.5),
        (2.5, "unknown", 2.5),
        (1.0, "sec", 1.0),
        (1.0, "unknown", None),
        (0.0, "sec", None),
        (np.nan, "sec", None),
        (2.0, "hz", None),
    ],
)
def test_seconds_between_volumes(tmp_path, values, tr, unit, expected):
    path = write_run(tmp_path / "run.nii.gz", values, tr=tr, unit=unit)
    assert header_tr(path) == expected
    assert series_length(path) == N


def _pointer(path):
    path.write_text("/annex/objects/SHA256E-s1234--abc.nii.gz\n")


def _link(path):
    path.symlink_to("../../.git/annex/objects/Xx/Yy/MD5E-s1/MD5E-s1.nii.gz")


def _broken(path):
    path.symlink_to("gone.nii.gz")


def _text(path):
    path.write_text("not an image")


def _cut(path):
    whole = gzip.compress(path.with_name("good.nii").read_bytes())
    path.write_bytes(whole[: len(whole) // 2])


def _damaged(path):
    whole = bytearray(gzip.compress(path.with_name("good.nii").read_bytes()))
    whole[-6] ^= 1  # of the checksum
    path.write_bytes(whole)


@pytest.mark.parametrize(
    ("damage", "message"),
    [
        (_pointer, r"not an image .*got a git-annex pointer. Run `datalad get` there."),
        (_link, r"not an image .*got a git-annex pointer. Run `datalad get` there."),
        (_broken, "not an image .*got a broken link to gone.nii.gz"),
        (_text, "truncated or unreadable image"),
        (_cut, "truncated or unreadable image"),
        (_damaged, "truncated or unreadable image"),
        (lambda path: None, "file not found"),
    ],
)
def test_what_is_no_image(tmp_path, values, damage, message):
    good = write_run(tmp_path / "good.nii", values)
    places = volume_places([good], [write_mask(tmp_path / "mask.nii.gz")])
    damage(tmp_path / "run.nii.gz")
    with pytest.raises(InputError, match=message):
        read_series(tmp_path / "run.nii.gz", places)


def test_a_file_that_ends_too_early_and_one_without_time(tmp_path, values):
    path = write_run(tmp_path / "run.nii", values)
    places = volume_places([path], [])
    path.write_bytes(path.read_bytes()[:-100])
    with pytest.raises(InputError, match="truncated image .*expected 7 volumes, got 6 and a part"):
        read_series(path, places)
    with pytest.raises(InputError, match="wrong shape .*expected x, y, z, time, got"):
        series_length(write_mask(tmp_path / "mask.nii.gz"))


def test_other_grids_are_refused(tmp_path, values):
    first = write_run(tmp_path / "1.nii.gz", values)
    small = write_run(tmp_path / "2.nii.gz", values[:4])
    with pytest.raises(InputError, match="grids in .*2.nii.gz: got 5 × 6 × 4 and 4 × 6 × 4. Choo"):
        volume_places([first, small], [])
    near, far = LAS.copy(), LAS.copy()
    near[0, 3] += 5e-4
    far[0, 3] += 0.5
    volume_places([first, write_run(tmp_path / "3.nii.gz", values, near)], [])
    moved = write_run(tmp_path / "4.nii.gz", values, far)
    with pytest.raises(InputError, match="4.nii.gz: got voxels up to 0.5 mm"):
        volume_places([first, moved], [])
    with pytest.raises(InputError, match=r"different grids in .*mask.nii.gz"):
        volume_places([first], [write_mask(tmp_path / "mask.nii.gz", affine=far)])
    with pytest.raises(InputError, match="different grids in .*4.nii.gz"):
        read_series(moved, volume_places([first], []))


def test_what_is_no_mask(tmp_path, values):
    run = write_run(tmp_path / "run.nii.gz", values)
    for mask, message in (
        (MASK * np.arange(4, dtype=np.uint8), "expected 0 and one other number, got 0, 1, 2"),
        (np.where(MASK, 1, np.nan).astype(np.float32), "not a mask"),
        (MASK * 0, "no voxel in every mask"),
    ):
        with pytest.raises(InputError, match=message):
            volume_places([run], [write_mask(tmp_path / "mask.nii.gz", mask)])


@pytest.mark.parametrize(
    ("shape", "told"),
    [
        ((32767, 32767, 1000, 3000), "more claimed than is stored .*bytes in a file of"),
        ((500, 500, 500, 1), "huge volume .*at most 67108864 voxels, got 500 × 500 × 500"),
    ],
)
def test_what_unfolds_to_more_than_any_volume_is_not_unpacked(tmp_path, values, shape, told):
    path = write_run(tmp_path / "run.nii.gz", values)
    content = bytearray(gzip.decompress(path.read_bytes()))
    content[42:50] = np.array(shape, "<i2").tobytes()
    path.write_bytes(gzip.compress(bytes(content) + bytes(10**6), 9) + bytes(2_000_000))
    with pytest.raises(InputError, match=told):
        volume_places([path], None)
