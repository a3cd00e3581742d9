import nibabel
import numpy as np
import pytest

from stages.core.run.errors import InputError
from stages.prepare.series.run_series import header_tr, read_series, series_length
from stages.prepare.series.vertex_places import surface_places
from tests.prepare.series.made_images import write_run, write_surface

LEFT, RIGHT, N = 11, 9, 6


@pytest.fixture
def pair(tmp_path, rng):
    left = write_surface(
        tmp_path / "hemi-L.func.gii", rng.normal(size=(LEFT, N)), "CortexLeft", step="720.000000"
    )
    right = write_surface(tmp_path / "hemi-R.func.gii", rng.normal(size=(RIGHT, N)), "CortexRight")
    return left, right


def test_both_hemispheres_are_read_left_first(pair):
    places = surface_places([pair, pair])
    found = read_series(pair, places)
    expected = np.concatenate([nibabel.load(path).agg_data("time series") for path in pair]).T
    np.testing.assert_array_equal(found, expected)
    assert (found.dtype, found.shape) == (np.float32, (N, LEFT + RIGHT))
    ids = [f"L-{n:05d}" for n in range(LEFT)] + [f"R-{n:05d}" for n in range(RIGHT)]
    assert places.table["id"].tolist() == ids
    assert places.table["hemisphere"].tolist() == ["L"] * LEFT + ["R"] * RIGHT
    assert places.table[["i", "j", "k"]].isna().all(axis=None)
    assert (places.kind, places.affine, places.shape) == ("surface", None, None)
    assert places.vertices == {"L": LEFT, "R": RIGHT}
    assert places.xyz.shape == places.voxels.shape == (0, 3)
    assert (series_length(pair), header_tr(pair)) == (N, 0.72)


def test_one_array_of_all_samples_is_read_as_many(tmp_path, pair, rng):
    values = rng.normal(size=(LEFT, N)).astype(np.float32)
    whole = write_surface(tmp_path / "w.func.gii", values, whole=True)
    found = read_series((whole, pair[1]), surface_places([(whole, pair[1])]))
    np.testing.assert_array_equal(found[:, :LEFT], values.T)


@pytest.mark.parametrize(("step", "expected"), [("2000", 2.0), ("0.000000", None), (None, None)])
def test_time_step_is_in_milliseconds(tmp_path, pair, step, expected):
    left = write_surface(tmp_path / "t.func.gii", np.zeros((LEFT, N)), step=step)
    assert header_tr((left, pair[1])) == expected


def save(path, *arrays, metas=()):
    """Write arrays as they are; the first ones say what they are of."""
    told = [{"AnatomicalStructurePrimary": meta} if meta else {} for meta in metas]
    told += [{}] * (len(arrays) - len(told))
    made = [
        nibabel.gifti.GiftiDataArray(array, meta=nibabel.gifti.GiftiMetaData(meta))
        for array, meta in zip(arrays, told, strict=True)
    ]
    nibabel.save(nibabel.GiftiImage(darrays=made), path)
    return path


def test_the_first_array_says_of_which_hemisphere_it_is(tmp_path, pair):
    values = [np.zeros(LEFT, np.float32)] * N
    path = tmp_path / "a.func.gii"
    for told in (("CortexLeft",), (None, "CortexRight"), ("Cerebellum",)):
        assert len(surface_places([(save(path, *values, metas=told), pair[1])])) == LEFT + RIGHT
    with pytest.raises(InputError, match="other hemisphere .*expected L, got CortexRight"):
        surface_places([(save(path, *values, metas=("CortexRight",)), pair[1])])


def test_a_sample_of_whole_numbers_is_a_series(tmp_path):
    pair = tuple(
        save(tmp_path / f"{side}.func.gii", np.arange(n, dtype=np.int32))
        for side, n in (("L", 3), ("R", 2))
    )
    found = read_series(pair, surface_places([pair]))
    assert (found.dtype, found.tolist()) == (np.float32, [[0, 1, 2, 0, 1]])


@pytest.mark.parametrize("shapes", [(), ((4,), (5,)), ((4, 2), (4, 2)), ((4, 2, 2),)])
def test_arrays_that_are_no_series_are_refused(tmp_path, pair, shapes):
    path = save(tmp_path / "a.func.gii", *(np.zeros(shape, np.float32) for shape in shapes))
    with pytest.raises(InputError, match="wrong shape .*expected one number per vertex and sample"):
        surface_places([(path, pair[1])])


def test_wrong_pairs(tmp_path, pair, rng):
    left, right = pair
    places = surface_places([pair])
    with pytest.raises(InputError, match="other hemisphere .*hemi-R.*expected L, got CortexRight"):
        surface_places([(right, left)])
    other = write_surface(tmp_path / "other.func.gii", rng.normal(size=(LEFT + 1, N)))
    with pytest.raises(InputError, match="different meshes .*expected 11 vertices, got 12"):
        surface_places([pair, (other, right)])
    with pytest.raises(InputError, match="other mesh .*expected 11 vertices, got 12"):
        read_series((other, right), places)
    short = write_surface(tmp_path / "short.func.gii", rng.normal(size=(LEFT, N - 1)))
    with pytest.raises(InputError, match="hemispheres of different length .*got . and . samples"):
        surface_places([(short, right)])
    with pytest.raises(InputError, match="hemispheres of different length"):
        read_series((short, right), places)
    with pytest.raises(InputError, match="file not found"):
        surface_places([(left, tmp_path / "gone.func.gii")])
    volume = write_run(tmp_path / "run.nii.gz", rng.normal(size=(3, 3, 3, N)))
    with pytest.raises(InputError, match="not a surface"):
        surface_places([(volume, right)])
    with pytest.raises(InputError, match="other kind of image .*expected surface, got volume"):
        read_series(volume, places)
    left.write_bytes(left.read_bytes()[:400])
    with pytest.raises(InputError, match="truncated or unreadable image"):
        read_series(pair, places)
    step = write_surface(tmp_path / "t.func.gii", np.zeros((LEFT, N)), step="two")
    with pytest.raises(InputError, match="unreadable time step .*got 'two'"):
        header_tr((step, right))
