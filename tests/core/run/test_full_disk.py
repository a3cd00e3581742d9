"""A disk that takes no more: one line, whatever library was writing, and nothing left behind."""

import errno
import resource
import subprocess
import sys

import click
import numpy as np
import pytest
import torch
from click.testing import CliRunner

from stages.core.pictures.images import write_images
from stages.core.run.command import stage
from stages.core.run.errors import ConcordError
from stages.core.run.files import take_room, unwritable
from stages.train.unfinished import save_state
from tests.conftest import PROJECT


@pytest.fixture
def full():
    """Let files grow to some bytes only, for one test."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    yield lambda most: resource.setrlimit(resource.RLIMIT_FSIZE, (most, before[1]))
    resource.setrlimit(resource.RLIMIT_FSIZE, before)


@pytest.mark.parametrize("most", [10, 3000, 9000])
def test_images(full, tmp_path, rng, most):
    images = rng.integers(0, 255, (4, 40, 40, 3), dtype=np.uint8)
    full(most)
    with pytest.raises(ConcordError, match=r"cannot write in .*images.hdf5: got File too large"):
        write_images(tmp_path / "images.hdf5", list("abcd"), images)
    assert list(tmp_path.iterdir()) == []


WRITE = """
import resource, sys
import numpy as np
from pathlib import Path
from stages.core.pictures.images import fill_images
resource.setrlimit(resource.RLIMIT_FSIZE, (int(sys.argv[2]),) * 2)
images = np.random.default_rng(0).integers(0, 255, (100, 8, 8, 3), dtype=np.uint8)
try:
    list(fill_images(Path(sys.argv[1]), [f"image{k}" for k in range(100)], images, 0))
except OSError as error:
    print(type(error).__name__, error.errno)
"""


@pytest.mark.parametrize("most", [1886, 10_000])
def test_a_process_that_wrote_images_ends_as_it_should(tmp_path, most):
    words = [sys.executable, "-c", WRITE, str(tmp_path / "images.hdf5"), str(most)]
    done = subprocess.run(words, capture_output=True, text=True, check=False, cwd=PROJECT)
    assert (done.returncode, done.stdout) == (0, f"OSError {errno.EFBIG}\n"), done.stderr


@pytest.mark.parametrize("most", [10, 3000, 50_000])
def test_the_state_of_a_training(full, tmp_path, most):
    full(most)
    with pytest.raises(ConcordError, match=r"cannot write in .*state.pt: got File too large"):
        save_state(tmp_path, {}, {"weights": torch.zeros(20_000)})
    assert list(tmp_path.iterdir()) == []


def test_room_is_taken_and_nothing_is_lost(tmp_path):
    (tmp_path / "a").write_bytes(b"abc")
    take_room(tmp_path / "a", 10_000)
    assert (tmp_path / "a").read_bytes() == b"abc" + bytes(9997)
    take_room(tmp_path / "a", 10)
    assert (tmp_path / "a").stat().st_size == 10_000


def raised_beside(error, first):
    try:
        try:
            raise first
        except OSError:
            raise error  # noqa: B904 (as libraries do)
    except Exception as found:
        return found


def test_why_a_disk_was_not_written_to():
    full, closed = OSError(errno.ENOSPC, "x"), OSError(errno.EACCES, "x")
    assert unwritable(full) == "No space left on device"
    assert unwritable(closed) == "Permission denied"
    assert unwritable(RuntimeError("error message = 'File too large'")) == "File too large"
    assert unwritable(raised_beside(RuntimeError("pos"), full)) == "No space left on device"
    assert unwritable(raised_beside(KeyError("pos"), closed)) == ""
    assert unwritable(OSError(errno.ENOENT, "x")) == ""


def test_a_command_says_it_in_one_line_whatever_the_library_raised():
    @click.command()
    @stage
    def main():
        raise RuntimeError("I/O error: No space left on device (os error 28)")

    done = CliRunner().invoke(main)
    assert done.exit_code == 1
    assert "Traceback" not in done.output
    assert "error: cannot write: got No space left on device" in done.output
