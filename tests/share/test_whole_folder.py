"""Folders of which no half is left, whoever is killed."""

import os
import signal

import pytest

from stages.core.run.errors import InputError
from stages.core.run.files import partial_path
from stages.share.whole_folder import whole


def killed_while_writing(folder):
    """Kill a process that has written half of a folder; return what it left."""
    child = os.fork()
    if child == 0:
        with whole(folder) as partial:
            (partial / "half").touch()
            os.kill(os.getpid(), signal.SIGKILL)
    os.waitpid(child, 0)
    (left,) = folder.parent.glob(f".{folder.name}.*-{child}-*.partial")
    return left


def test_what_a_killed_process_left_goes_and_what_a_living_one_writes_stays(tmp_path):
    left = killed_while_writing(tmp_path / "a")
    assert (left / "half").exists()
    mine = partial_path(tmp_path / "a").name.replace(f"-{os.getpid()}-", f"-{os.getppid()}-")
    (tmp_path / mine).mkdir()
    with whole(tmp_path / "b") as partial:
        (partial / "file").touch()
    assert left.exists()
    with whole(tmp_path / "a") as partial:
        (partial / "file").touch()
    assert {path.name for path in tmp_path.iterdir()} == {"a", "b", mine}
    assert [path.name for path in (tmp_path / "a").iterdir()] == ["file"]


def test_what_fails_leaves_nothing_and_what_is_there_stays(tmp_path):
    with pytest.raises(FileNotFoundError), whole(tmp_path / "a") as partial:
        (partial / "folder" / "file").touch()
    assert not list(tmp_path.iterdir())
    (tmp_path / "a").mkdir()
    (tmp_path / "a" / "own").touch()
    with pytest.raises(InputError, match="folder that is not empty"), whole(tmp_path / "a"):
        pass
    assert (tmp_path / "a" / "own").exists()
