"""A run that is killed goes on where it was, and another person or session computes only itself."""

import os
import signal
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest

from stages.prepare.nsd import kept_sessions, repeats
from stages.prepare.nsd.betas import read_stored
from stages.prepare.nsd.load import Selection, load_nsd
from stages.prepare.nsd.repeats import standardize
from stages.prepare.nsd.stimuli import Photographs
from stages.prepare.scenes import write_scenes
from tests.conftest import PROJECT

pytestmark = pytest.mark.slow

# Kills itself at the n-th call of a function: in the middle, whatever the speed of the machine.
PROGRAM = """
import os, signal, sys
from importlib import import_module
from pathlib import Path
from stages.core.pictures import images
from stages.prepare.nsd.load import Selection, load_nsd
from stages.prepare.scenes import write_scenes

root, out, module, name, count = sys.argv[1:]
place, calls = import_module(module), []
function = getattr(place, name)

def deadly(*args, **options):
    calls.append(name)
    if len(calls) == int(count):
        os.kill(os.getpid(), signal.SIGKILL)
    return function(*args, **options)

setattr(place, name, deadly)
write_scenes(Path(out), load_nsd(Path(root), "nsd", Selection("all", [1, 2, 3], "all")))
"""
# What is under way when the process is killed: function, call, and what is left to do after that:
# images of 1300, sessions of 6, averages (sessions × blocks of voxels) of 6.
IMAGES = "stages.core.pictures.images"
MOMENTS = [
    (IMAGES, "check_image", 1, 1300, 6, 6),
    (IMAGES, "check_image", 200, 1300 - 192, 6, 6),
    ("stages.prepare.scenes", "place", 1, 0, 6, 6),
    ("stages.prepare.nsd.kept_sessions", "read_stored", 2, 0, 5, 6),
    ("stages.prepare.nsd.kept_sessions", "write_arrays", 6, 0, 1, 3),
    ("stages.prepare.nsd.repeats", "standardize", 5, 0, 0, 3),
    ("shutil", "rmtree", 2, 0, 0, 0),
]


@dataclass
class Work:
    """How much was computed."""

    images: int = 0
    sessions: int = 0
    averages: int = 0


@pytest.fixture
def work(monkeypatch):
    """Count images and sessions that are read from the release."""
    done = Work()
    yield_images = Photographs.__iter__

    def read(betas, voxels):
        done.sessions += 1
        return read_stored(betas, voxels)

    def take(photographs):
        for image in yield_images(photographs):
            done.images += 1
            yield image

    def average(trials):
        done.averages += 1
        return standardize(trials)

    monkeypatch.setattr(kept_sessions, "read_stored", read)
    monkeypatch.setattr(repeats, "standardize", average)
    monkeypatch.setattr(Photographs, "__iter__", take)
    return done


def prepare(root, out, subjects="all", sessions=(1, 2, 3), regions="all"):
    write_scenes(out, load_nsd(root, "nsd", Selection(subjects, list(sessions), regions)))
    return {path.relative_to(out): path.read_bytes() for path in out.rglob("*") if path.is_file()}


@pytest.fixture(scope="module")
def whole(whole_nsd, tmp_path_factory):
    """All files of a recording that was made in one go, elsewhere."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("CONCORD_SCRATCH", str(tmp_path_factory.mktemp("elsewhere")))
        return prepare(whole_nsd.root, tmp_path_factory.mktemp("whole"))


@pytest.mark.parametrize("moment", MOMENTS)
def test_a_killed_run_goes_on(whole_nsd, whole, tmp_path, work, moment):
    *call, images, sessions, averages = moment
    ended = subprocess.run(
        [sys.executable, "-c", PROGRAM, whole_nsd.root, tmp_path / "out", *map(str, call)],
        cwd=PROJECT, env=os.environ, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert ended.returncode == -signal.SIGKILL, ended.stderr
    assert prepare(whole_nsd.root, tmp_path / "again") == whole
    assert (work.images, work.sessions, work.averages) == (images, sessions, averages)
    kept = Path(os.environ["CONCORD_SCRATCH"]) / "prepare" / "nsd"
    assert sorted(path.name for path in kept.iterdir()) == ["subj01", "subj02"]
    for person in kept.iterdir():
        names = [f"betas_session0{session}" for session in (1, 2, 3)]
        assert sorted(path.stem for path in person.iterdir()) == ["averages_000000", *names]


@pytest.mark.parametrize(
    "case",
    [
        ({"subjects": ["subj02"]}, {}, 3, 3),
        ({"sessions": [1, 3]}, {}, 2, 6),
        ({}, {"subjects": ["subj01"], "sessions": [2]}, 0, 1),
        ({}, {"regions": ["V1"]}, 6, 6),
        ({}, {}, 0, 0),
    ],
)
def test_what_was_read_before_is_not_read_again(whole_nsd, tmp_path, work, case):
    first, then, sessions, averages = case
    prepare(whole_nsd.root, tmp_path / "first", **first)
    work.sessions = work.averages = 0
    found = prepare(whole_nsd.root, tmp_path / "then", **then)
    assert (work.sessions, work.averages) == (sessions, averages)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("CONCORD_SCRATCH", str(tmp_path / "elsewhere"))
        assert prepare(whole_nsd.root, tmp_path / "anew", **then) == found
