"""What a packed file may unpack to."""

import gzip

import pytest

from stages.prepare.nsd import packed_files
from stages.prepare.nsd.packed_files import unpacked


@pytest.mark.parametrize("size", [0, 99, 100])
def test_a_file_is_unpacked_whole_up_to_the_limit(tmp_path, monkeypatch, size):
    monkeypatch.setattr(packed_files, "MOST_BYTES", 100)
    (tmp_path / "a.gz").write_bytes(gzip.compress(b"x" * size))
    assert unpacked(tmp_path / "a.gz") == b"x" * size


def test_a_file_that_holds_more_is_refused(tmp_path, monkeypatch):
    monkeypatch.setattr(packed_files, "MOST_BYTES", 100)
    (tmp_path / "a.gz").write_bytes(gzip.compress(b"x" * 101))
    with pytest.raises(ValueError, match="more than 100 bytes"):
        unpacked(tmp_path / "a.gz")


def test_the_limit_is_a_gigabyte():
    assert packed_files.MOST_BYTES == 1024**3


@pytest.mark.parametrize("kept", [-4, 12])
def test_a_file_that_ends_early_is_refused(tmp_path, kept):
    (tmp_path / "a.gz").write_bytes(gzip.compress(bytes(range(256)) * 9)[:kept])
    with pytest.raises((OSError, EOFError)):
        unpacked(tmp_path / "a.gz")
