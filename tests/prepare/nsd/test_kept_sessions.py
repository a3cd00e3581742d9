"""What was read of a session is used again, unless another session or other voxels are meant."""

import os

import numpy as np
import pytest

from stages.core.run.errors import InputError
from stages.prepare.nsd import kept_sessions
from stages.prepare.nsd.betas import open_betas, read_stored
from stages.prepare.nsd.kept_arrays import read_rows
from stages.prepare.nsd.kept_sessions import NAME, keep_sessions
from stages.prepare.nsd.tree import Tree
from tests.prepare.nsd_release import SESSIONS, SHAPES

SHAPE = SHAPES[1]
VOXELS = np.argwhere(np.ones(SHAPE))[::3]


@pytest.fixture
def paths(nsd):
    return [Tree(nsd.root).session("subj01", session) for session in SESSIONS]


@pytest.fixture
def read(monkeypatch):
    """Sessions that were read."""
    names = []

    def counted(betas, voxels):
        names.append(betas.file.filename.rpartition("_")[2])
        return read_stored(betas, voxels)

    monkeypatch.setattr(kept_sessions, "read_stored", counted)
    return names


def keep(paths, scratch, voxels=VOXELS):
    return keep_sessions(paths, voxels, SHAPE, scratch / "subj01")


def test_every_session_is_read_once(paths, scratch, read, caplog):
    caplog.set_level("INFO")
    files = keep(paths, scratch)
    assert keep(paths, scratch) == files
    assert read == [f"session0{session}.hdf5" for session in SESSIONS]
    assert "subj01: kept 3 of 3 sessions" in caplog.text
    for path, file in zip(paths, files, strict=True):
        with open_betas(path, SHAPE) as betas:
            expected = read_stored(betas, VOXELS)
        np.testing.assert_array_equal(read_rows(file, NAME, 0, len(VOXELS)), expected)
        np.testing.assert_array_equal(read_rows(file, NAME, 4, 9), expected[4:9])


def test_another_session_is_all_that_is_read(paths, scratch, read):
    keep(paths[:1], scratch)
    read.clear()
    keep(paths, scratch)
    assert read == ["session02.hdf5", "session03.hdf5"]


def rewritten(path):
    os.utime(path, ns=(0, path.stat().st_mtime_ns + 1))


def longer(path):
    time = path.stat().st_mtime_ns
    with path.open("ab") as file:
        file.write(b"\0")
    os.utime(path, ns=(0, time))


@pytest.mark.parametrize("change", [rewritten, longer])
def test_a_session_that_may_have_changed_is_read_again(paths, scratch, read, change):
    keep(paths, scratch)
    read.clear()
    change(paths[1])
    keep(paths, scratch)
    assert read == ["session02.hdf5"]


@pytest.mark.parametrize("voxels", [VOXELS[1:], VOXELS[::-1]])
def test_other_voxels_take_the_place(paths, scratch, read, voxels):
    keep(paths, scratch)
    files = keep(paths, scratch, voxels)
    assert len(read) == 6
    assert len(list((scratch / "subj01").iterdir())) == 3
    with open_betas(paths[2], SHAPE) as betas:
        expected = read_stored(betas, voxels)
    np.testing.assert_array_equal(read_rows(files[2], NAME, 0, len(voxels)), expected)


def test_what_is_read_otherwise_has_another_version(paths, scratch, read, monkeypatch):
    keep(paths, scratch)
    monkeypatch.setattr(kept_sessions, "READING", kept_sessions.READING + 1)
    keep(paths, scratch)
    assert len(read) == 6


def test_a_file_cut_short_does_not_count(paths, scratch, read):
    files = keep(paths, scratch)
    whole = files[0].read_bytes()
    for broken in (whole[:-1], whole[:20], b""):
        files[0].write_bytes(broken)
        keep(paths, scratch)
        assert files[0].read_bytes() == whole
    assert len(read) == 6


def test_a_damaged_session_leaves_nothing(paths, scratch):
    paths[1].write_bytes(paths[1].read_bytes()[:-500])
    with pytest.raises(InputError, match=r"truncated or unreadable hdf5 in .*session02"):
        keep(paths, scratch)
    assert [path.stem for path in (scratch / "subj01").iterdir()] == ["betas_session01"]
