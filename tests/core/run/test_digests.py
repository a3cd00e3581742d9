"""A large file is read once, and again whenever it may have changed."""

import hashlib
import os
import shutil

import pytest

from stages.core.run import digests
from stages.core.run.digests import known_sha256
from stages.core.run.errors import ConcordError, InputError
from stages.core.run.files import sha256


@pytest.fixture
def path(tmp_path):
    (tmp_path / "images").write_bytes(b"pixels")
    return tmp_path / "images"


@pytest.fixture
def scratch(tmp_path, monkeypatch):
    monkeypatch.setenv("CONCORD_SCRATCH", str(tmp_path / "scratch"))
    return tmp_path / "scratch" / "digests"


@pytest.fixture
def read(scratch, monkeypatch):
    """Paths whose content was read."""
    paths = []

    def counted(path, first=None):
        paths.append(path)
        return sha256(path)

    monkeypatch.setattr(digests, "sha256", counted)
    return paths


def test_a_file_is_read_once(path, read):
    expected = hashlib.sha256(b"pixels").hexdigest()
    assert [known_sha256(path) for _ in range(3)] == [expected] * 3
    assert read == [path]


def test_two_files_are_two(path, read, tmp_path):
    shutil.copy2(path, tmp_path / "other")
    (tmp_path / "other").write_bytes(b"slexip")
    assert known_sha256(path) != known_sha256(tmp_path / "other")
    assert known_sha256(path) == hashlib.sha256(b"pixels").hexdigest()
    assert read == [path, tmp_path / "other"]


def longer(path):
    time = path.stat().st_mtime_ns
    path.write_bytes(b"pixels and more")
    os.utime(path, ns=(1, time))


def later(path):
    path.write_bytes(b"slexip")
    os.utime(path, ns=(1, path.stat().st_mtime_ns + 1))


def another_in_its_place(path):
    """Same size and time, but another file."""
    time = path.stat().st_mtime_ns
    other = path.with_name("other")
    other.write_bytes(b"slexip")
    os.utime(other, ns=(1, time))
    other.replace(path)


@pytest.mark.parametrize("change", [longer, later, another_in_its_place])
def test_a_file_that_may_have_changed_is_read_again(path, read, change):
    known_sha256(path)
    change(path)
    for _ in range(2):
        assert known_sha256(path) == hashlib.sha256(path.read_bytes()).hexdigest()
    assert len(read) == 2


def test_a_file_that_changes_while_it_is_read_is_not_known(path, scratch, monkeypatch):
    def written_meanwhile(path, first=None):
        found = sha256(path)
        path.write_bytes(b"other pixels")
        return found

    monkeypatch.setattr(digests, "sha256", written_meanwhile)
    known_sha256(path)
    assert not scratch.exists()


def test_what_was_kept_is_bounded_and_taken_anew_where_it_is_damaged(path, read, scratch):
    for text in (b"one", b"three", b"seven"):
        path.write_bytes(text)
        known_sha256(path)
    (kept,) = scratch.iterdir()
    kept.write_text("{")
    assert known_sha256(path) == sha256(path)
    assert len(kept.read_text()) > 1


def test_a_digest_needs_no_place_to_be_kept_in(path, monkeypatch):
    path.write_bytes(b"one")
    monkeypatch.setattr(digests, "write_json", full)
    assert known_sha256(path) == sha256(path)


def full(path, content):
    raise ConcordError("cannot write", where=path)


def test_a_pipe_is_not_waited_for(tmp_path):
    os.mkfifo(tmp_path / "pipe")
    with pytest.raises(InputError, match="not a file in .*pipe"):
        sha256(tmp_path / "pipe")
