"""Clones of the project in which a study has been run, and an S3 server.

Three groups of tests (`GROUPS` of `tests/conftest.py`) are a process each: those that read the
default study, those that do things with a small one, and what needs nothing that these have done,
with a copy of the small study as it was committed. They begin before all other tests.
"""

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.changed_params import write_params
from tests.conftest import PROJECT
from tests.e2e.s3_server import S3Server
from tests.house import FLOWS
from tests.pages import indented

PERSON = {"NAME": "Concord", "EMAIL": "concord@example.org"}

# What stands in params.yaml of the small study; each test's settings come on top of it.
SMALL = {
    "chance.draws": 20,
    "probe.shuffles": 20,
    "profile.draws": 20,
    "align.draws": 20,
    "ridge.lambdas.count": 6,
    "story.simulate.subjects": 2,
    "story.simulate.context": 1,
    "story.extract.context": 1,
    "story.extract.attention": False,
    "scene.simulate.subjects": 1,
    "zoo": ["noise"],
    "models.control-random": "control:random-64",
    "language.recordings": ["futrell2018-simulated"],
    "language.zoo": ["minilm"],
    "language.extract.context": 1,
    "language.simulate.passages": 12,
    "language.simulate.subjects": 2,
    "language.simulate.words": 400,
    "language.simulate.readers": 5,
    "story.families": [],
    "story.plant.seeds": 1,
    "story.plant.steps": [0, 8, 64, 512],
    "scene.families": ["labels"],
    "families.labels.steps": [0, 4, 24],
    "families.labels.control": "",
    "train.simulate.words": 3000,
    "train.simulate.pictures": 10,
    "train.story.runs": ["read-0"],
    "train.story.steps": 4,
    "train.story.keep": [0],
    "train.scene.runs": ["labels-0"],
    "train.scene.keep": [0, 4],
    "train.scene.epochs": 8,
}


@dataclass(frozen=True)
class Clone:
    """A working copy, and how commands run in it."""

    folder: Path
    environment: dict[str, str]

    def run(self, *command: str, check: bool = True) -> subprocess.CompletedProcess[str]:
        """Run a command of the virtual environment; on failure show all it said."""
        done = subprocess.run(
            command,
            cwd=self.folder,
            env=self.environment,
            capture_output=True,
            text=True,
            check=False,
        )
        if check and done.returncode:
            pytest.fail(
                f"{' '.join(command)} ended with {done.returncode}\n{done.stdout}\n{done.stderr}"
            )
        return done

    def experiment(
        self, *settings: str, targets: tuple[str, ...] = (), check: bool = True
    ) -> subprocess.CompletedProcess[str]:
        """Change parameters, and run what depends on them, as `dvc exp run -S` does."""
        words = [word for setting in settings for word in ("--set-param", setting)]
        return self.run("dvc", "exp", "run", *words, *targets, check=check)

    def refuses(self, setting: str, message: str) -> None:
        """Hold that an experiment with a wrong setting fails, and says why."""
        told = self.experiment(setting, check=False)
        assert told.returncode != 0
        assert message in told.stdout + told.stderr

    def metrics(self, stage: str) -> dict:
        """Read the metrics of a study, or the summary of a stage."""
        found = self.folder / "metrics" / f"{stage}.json"
        if not found.exists():
            found = self.folder / "data/results/summary" / f"{stage}.json"
        return json.loads(found.read_text())


@pytest.fixture(scope="session")
def make_clone(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], Clone]:
    """Make an empty folder whose commands run with this environment's tools."""

    def make(name: str) -> Clone:
        folder = tmp_path_factory.mktemp(name) / "concord"
        environment = os.environ | {
            "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}",
            "DVC_NO_ANALYTICS": "true",
            "DVC_SITE_CACHE_DIR": str(folder.parent / "site"),
            "AWS_REQUEST_CHECKSUM_CALCULATION": "WHEN_REQUIRED",
            "AWS_EC2_METADATA_DISABLED": "true",
            # One core each: threads of two networks that wait for each other's take far longer.
            "CONCORD_JOBS": "1",
            "OMP_NUM_THREADS": "1",
        }
        for role in ("AUTHOR", "COMMITTER"):
            environment |= {f"GIT_{role}_{key}": value for key, value in PERSON.items()}
        return Clone(folder, environment)

    return make


def start(clone: Clone) -> None:
    """Put the files that Git would commit into a repository of their own."""
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=PROJECT, capture_output=True, text=True, check=True,
    ).stdout  # fmt: skip
    for name in filter(None, listed.split("\0")):
        if (PROJECT / name).is_file():
            (clone.folder / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(PROJECT / name, clone.folder / name)
    clone.run("git", "init", "--quiet", "--initial-branch=main")
    clone.run("git", "add", "--all")
    clone.run("git", "commit", "--quiet", "--message", "Start")
    clone.run("python", "-m", "stages.plots", "page", ".dvc/offline.html")


@pytest.fixture(scope="session")
def study(make_clone: Callable[[str], Clone]) -> Clone:
    """The project in a repository of its own, with all lines of work run; for reading only."""
    clone = make_clone("study")
    start(clone)
    clone.run("dvc", "repro", *FLOWS)
    clone.run("git", "add", "--all")
    clone.run("git", "commit", "--quiet", "--allow-empty", "--message", "Run the default study")
    return clone


@pytest.fixture(scope="session")
def started(make_clone: Callable[[str], Clone]) -> Clone:
    """The project with the parameters of a small study, which has not been run."""
    clone = make_clone("small")
    start(clone)
    write_params(clone.folder / "params.yaml", SMALL)
    clone.run("git", "commit", "--quiet", "--all", "--message", "A smaller study")
    return clone


@pytest.fixture(scope="session")
def small(
    request: pytest.FixtureRequest,
    make_clone: Callable[[str], Clone],
    tmp_path_factory: pytest.TempPathFactory,
) -> Clone:
    """The small study, run and committed, or the copy that another worker has left."""
    copy = tmp_path_factory.getbasetemp().parent / "small"
    alone = not hasattr(request.config, "workerinput")
    if copy.exists() and not alone:
        clone = make_clone("copy")
        copy.rename(clone.folder)
        return clone
    started: Clone = request.getfixturevalue("started")
    started.run("dvc", "repro", *FLOWS)
    started.run("git", "add", "--all")
    started.run("git", "commit", "--quiet", "--allow-empty", "--message", "Run the small study")
    if not alone and not copy.exists():
        partial = tmp_path_factory.mktemp("partial") / "small"
        shutil.copytree(started.folder, partial, symlinks=True)
        partial.rename(copy)
    return started


@pytest.fixture
def back(small: Clone) -> Iterator[None]:
    """Leave the small study as it was committed."""
    yield
    small.run("git", "checkout", "--quiet", ".")
    small.run("dvc", "checkout")


def readme_blocks() -> list[list[str]]:
    """Blocks of commands in the README, then in the pages of docs/, without their comments."""
    return [
        [line.partition("   #")[0].partition("  #")[0].strip() for line in block]
        for page in (PROJECT / "README.md", *sorted((PROJECT / "docs").glob("*.md")))
        for block in indented(page.read_text())
    ]


@pytest.fixture(scope="session")
def s3(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Address of a real S3 server (SeaweedFS) with one bucket."""
    server = S3Server(tmp_path_factory.mktemp("s3"))
    server.start()
    try:
        yield server.address
    finally:
        server.kill()
