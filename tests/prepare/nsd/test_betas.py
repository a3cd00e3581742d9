import h5py
import numpy as np
import pandas as pd
import pytest
from scipy.stats import zscore

from stages.core.run.errors import InputError
from stages.prepare.nsd.betas import (
    block_size,
    check_axes,
    open_betas,
    read_voxels,
    standardize,
    stream_responses,
    voxel_runs,
)
from stages.prepare.nsd.tree import Tree
from stages.prepare.usable_targets import target_table
from tests.prepare.nsd_release import LOST, SESSIONS, SHAPES, write_session

SHAPE = SHAPES[1]
INSIDE = np.argwhere(np.ones(SHAPE))
INSIDE = INSIDE[(INSIDE[:, 0] > 0) & (INSIDE[:, 2] > 0)]
SOME = np.array([voxel for voxel in INSIDE if tuple(voxel) != LOST][::4])


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


def make_targets(voxels):
    names = [f"{x}.{y}.{z}" for x, y, z in voxels]
    return target_table(names, ["V1"] * len(voxels), ["L"] * len(voxels), np.asarray(voxels))


def stream(nsd, paths, targets, **options):
    images, rows = np.unique(nsd.design.shown(1, SESSIONS), return_inverse=True)
    parts = list(stream_responses(paths, targets, rows, SHAPE, **options))
    return images, np.hstack([part for part, _ in parts]), pd.concat([table for _, table in parts])


def naive(nsd, voxels):
    """Z-score every voxel in every session and average over repeats, one number at a time."""
    shown = nsd.design.shown(1, SESSIONS)
    columns = []
    for voxel in voxels:
        sessions = [(nsd.betas[1, s][:, *voxel] * 300).round() / 300 for s in SESSIONS]
        scores = np.concatenate([zscore(values) for values in sessions])
        columns.append([scores[shown == image].mean() for image in np.unique(shown)])
    return np.array(columns).T


def test_betas_are_percent_signal_change_at_the_place_of_the_voxel(nsd, paths):
    voxels = INSIDE[[5, 60, 3, 61, 4, 100]]
    with open_betas(paths[0], SHAPE) as betas:
        found = read_voxels(betas, voxels)
    planted = nsd.betas[1, 1][:, *voxels.T]
    assert found.dtype == np.float32
    np.testing.assert_allclose(found, planted, atol=0.5 / 300 + 1e-6)


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
        read_voxels(counted, voxels)
    assert all(trials == slice(None) for trials, *_ in counted.asked)
    read = [(x, y, z) for _, z, y, xs in counted.asked for x in range(xs.start, xs.stop)]
    assert sorted(read) == sorted(tuple(voxel) for voxel in voxels.tolist())


def test_standardising_is_a_z_score_and_says_what_does_not_vary(rng):
    trials = rng.normal(3, 5, (750, 4)).astype(np.float32)
    trials[:, 2] = 1.5
    found, valid = standardize(trials)
    assert valid.tolist() == [True, True, False, True]
    np.testing.assert_allclose(found[:, valid], zscore(trials[:, valid].astype(float)), atol=1e-5)
    assert not found[:, 2].any()


@pytest.mark.parametrize("columns", [1, 7, 1000])
def test_responses_are_z_scores_by_session_averaged_over_repeats(nsd, paths, columns):
    memory = columns * (16 * 800 + 24 * 750)
    _, found, targets = stream(nsd, paths, make_targets(SOME), memory=memory)
    assert targets[["i", "j", "k"]].to_numpy().tolist() == SOME.tolist()
    np.testing.assert_allclose(found, naive(nsd, SOME), atol=1e-5)


def test_what_was_planted_is_found_image_by_image(nsd, paths):
    images, found, _ = stream(nsd, paths, make_targets(SOME))
    planted = nsd.patterns[1][images][:, *SOME.T]
    agree = [np.corrcoef(a, b)[0, 1] for a, b in zip(found.T, planted.T, strict=True)]
    assert min(agree) > 0.9
    shifted = np.roll(planted, 1, axis=0)
    assert max(np.corrcoef(a, b)[0, 1] for a, b in zip(found.T, shifted.T, strict=True)) < 0.2


def test_sessions_in_another_order_are_another_result(nsd, paths):
    targets = make_targets(SOME)
    _, right, _ = stream(nsd, paths, targets)
    _, wrong, _ = stream(nsd, paths[::-1], targets)
    assert abs(np.corrcoef(right.ravel(), wrong.ravel())[0, 1]) < 0.8


def test_voxels_lost_in_a_session_are_dropped_with_a_message(nsd, paths, caplog):
    caplog.set_level("INFO")
    voxels = np.array([LOST, (2, 1, 1), (0, 1, 1)])
    _, found, targets = stream(nsd, paths, make_targets(voxels))
    assert targets["id"].tolist() == ["2.1.1"]
    assert found.shape == (len(np.unique(nsd.design.shown(1, SESSIONS))), 1)
    assert "2 of 3 voxels dropped, constant within a session" in caplog.text


def test_a_block_fits_in_the_memory():
    assert block_size(10000, 1 << 30) == (1 << 30) // 178000
    assert block_size(10000, 1) == 1


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
        read_voxels(betas, np.array([[2, 2, 2]]))


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
