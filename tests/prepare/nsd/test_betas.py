import shutil

import h5py
import numpy as np
import pytest

from stages.core.run.errors import InputError
from stages.prepare.nsd.betas import (
    check_axes,
    check_copies,
    open_betas,
    read_stored,
    varying,
    voxel_runs,
)
from stages.prepare.nsd.load import Selection, load_nsd
from stages.prepare.nsd.tree import Tree
from tests.prepare.nsd_release import SESSIONS, SHAPES, write_session

SHAPE = SHAPES[1]
INSIDE = np.argwhere(np.ones(SHAPE))
INSIDE = INSIDE[(INSIDE[:, 0] > 0) & (INSIDE[:, 2] > 0)]


class Counted:
    """A dataset that keeps what is asked of it."""

    def __init__(self, dataset):
        self.dataset, self.asked, self.file = dataset, [], dataset.file

    def __getitem__(self, key):
        self.asked.append(key)
        return self.dataset[key]


@pytest.fixture
def paths(nsd):
    return [Tree(nsd.root).session("subj01", session) for session in SESSIONS]


def test_betas_are_those_at_the_place_of_the_voxel(nsd, paths):
    voxels = INSIDE[[5, 60, 3, 61, 4, 100]]
    with open_betas(paths[0], SHAPE) as betas:
        found = read_stored(betas, voxels)
    planted = nsd.betas[1, 1][:, *voxels.T]
    assert (found.dtype, found.shape) == (np.int16, (6, 750))
    np.testing.assert_array_equal(found, (planted.T * 300).round())


def test_a_session_that_is_a_copy_of_another_is_named(nsd, paths):
    check_copies(paths, SHAPE, INSIDE)
    outside = np.argwhere(np.ones(SHAPE))[:3] * [0, 1, 1]
    check_copies(paths, SHAPE, outside)  # 0 throughout, in every session
    shutil.copyfile(paths[0], paths[2])
    with pytest.raises(InputError, match=r"responses of another in .*session03.*got those of .*01"):
        check_copies(paths, SHAPE, INSIDE)
    with pytest.raises(InputError, match="responses of another"):
        load_nsd(nsd.root, "nsd", Selection(["subj01"], list(SESSIONS), "all"))


def test_runs_cover_every_voxel_once_in_the_order_of_the_file(rng):
    voxels = rng.permutation(INSIDE)[:50]
    runs = voxel_runs(voxels)
    covered = np.concatenate([run for *_, run in runs])
    assert sorted(covered) == list(range(50))
    for z, y, x, run in runs:
        expected = [(x + step, y, z) for step in range(len(run))]
        assert [tuple(voxel) for voxel in voxels[run]] == expected
    assert [run[:3] for run in runs] == sorted(run[:3] for run in runs)
    line = INSIDE[(INSIDE[:, 1] == 2) & (INSIDE[:, 2] == 3)]
    assert len(voxel_runs(line)) == 1


def test_no_chunk_is_read_twice_and_none_beside_the_voxels(paths):
    voxels = INSIDE[::3]
    with open_betas(paths[0], SHAPE) as betas:
        counted = Counted(betas)
        read_stored(counted, voxels)
    assert all(trials == slice(None) for trials, *_ in counted.asked)
    read = [(x, y, z) for _, z, y, xs in counted.asked for x in range(xs.start, xs.stop)]
    assert sorted(read) == sorted(tuple(voxel) for voxel in voxels.tolist())


def test_what_varies_differs_from_trial_to_trial():
    trials = np.zeros((4, 750), np.int16)
    trials[1], trials[2, 700], trials[3, ::2] = 5, 1, -32768
    trials[3, 1::2] = 32767
    assert varying(trials).tolist() == [False, False, True, True]


def test_truncated_betas(paths):
    data = paths[1].read_bytes()
    paths[1].write_bytes(data[: len(data) // 2])
    with (
        pytest.raises(InputError, match=r"truncated or unreadable hdf5 in .*session02\.hdf5"),
        open_betas(paths[1], SHAPE),
    ):
        pass


def test_betas_that_are_no_hdf5_or_hold_something_else(paths):
    paths[0].write_text("<html>")
    with pytest.raises(InputError, match="unreadable hdf5"), open_betas(paths[0], SHAPE):
        pass
    with h5py.File(paths[0], "w") as file:
        file["beta"] = np.zeros(3)
    with (
        pytest.raises(InputError, match=r"dataset missing .*expected betas, got \['beta'\]"),
        open_betas(paths[0], SHAPE),
    ):
        pass


def test_a_chunk_that_does_not_decode(paths):
    with h5py.File(paths[0], "w") as file:
        shape = (750, *SHAPE[::-1])
        betas = file.create_dataset(
            "betas", data=np.ones(shape, np.int16), chunks=(750, 1, 1, 1), compression="gzip"
        )
        place = betas.id.get_chunk_info_by_coord((0, 2, 2, 2)).byte_offset
    data = bytearray(paths[0].read_bytes())
    data[place : place + 8] = b"\xff" * 8
    paths[0].write_bytes(data)
    with (
        pytest.raises(InputError, match=r"unreadable hdf5 in .*session01\.hdf5, voxel 2, 2, 2"),
        open_betas(paths[0], SHAPE) as betas,
    ):
        read_stored(betas, np.array([[2, 2, 2]]))


@pytest.mark.parametrize("shape", [SHAPE[::-1], (7, 6, 4)])
def test_regions_of_another_shape_or_axis_order(paths, shape):
    with (
        pytest.raises(InputError, match=r"betas do not fit the volume .*int16 \(750, 5, 6, 7\)"),
        open_betas(paths[0], shape),
    ):
        pass


def test_betas_stored_by_trial_are_refused(paths):
    with h5py.File(paths[0], "w") as file:
        data = np.zeros((750, *SHAPE[::-1]), np.int16)
        file.create_dataset("betas", data=data, chunks=(1, *SHAPE[::-1]))
    with (
        pytest.raises(InputError, match="betas stored by trial .*h5repack"),
        open_betas(paths[0], SHAPE),
    ):
        pass


def test_swapped_axes_are_noticed_in_a_cube_too(tmp_path, rng):
    betas = rng.standard_normal((750, 4, 3, 4))
    betas[:, 2:] = 0
    write_session(tmp_path, 1, 1, betas)
    path = Tree(tmp_path).session("subj01", 1)
    voxels = np.argwhere(np.ones((2, 3, 4)))
    check_axes(path, (4, 3, 4), voxels)
    with pytest.raises(
        InputError, match="axes in the wrong order .*24 labelled .* got 12, and 24 with x and z"
    ):
        check_axes(path, (4, 3, 4), voxels[:, ::-1])


@pytest.mark.parametrize("after", [(1, 0, 1), (1, 1, 0), (2, 0, 0)])
def test_a_run_ends_where_one_axis_alone_moves_on(after):
    runs = voxel_runs(np.array([(0, 0, 0), after]))
    assert [run.tolist() for *_, run in runs] == [[0], [1]]


def test_few_of_many_voxels_tell_the_axes_and_as_many_either_way_are_no_sign(
    tmp_path, rng, monkeypatch
):
    betas = rng.standard_normal((750, 4, 3, 4))
    betas[:, 2:] = 0
    write_session(tmp_path, 1, 1, betas)
    path = Tree(tmp_path).session("subj01", 1)
    check_axes(path, (4, 3, 4), np.array([(0, 0, 3), (3, 0, 0)]))
    monkeypatch.setattr("stages.prepare.nsd.betas.SAMPLED", 8)
    with pytest.raises(InputError, match="most of 8 labelled"):
        check_axes(path, (4, 3, 4), np.argwhere(np.ones((2, 3, 4)))[:, ::-1])


@pytest.mark.parametrize(
    ("kind", "chunks", "message"),
    [
        (np.int16, None, "by trial .*got no chunks"),
        (np.int16, (749, 1, 1, 1), r"by trial .*got \(749, 1, 1, 1\)"),
        (np.int32, (750, 1, 1, 1), "do not fit .*got int32"),
    ],
)
def test_betas_of_the_right_shape_alone_are_refused(tmp_path, kind, chunks, message):
    with h5py.File(tmp_path / "betas.hdf5", "w") as file:
        file.create_dataset("betas", (750, *SHAPE[::-1]), kind, chunks=chunks)
    with (
        pytest.raises(InputError, match=message),
        open_betas(tmp_path / "betas.hdf5", SHAPE),
    ):
        pass
