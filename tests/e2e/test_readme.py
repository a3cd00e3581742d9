"""What the README says is what happens: its commands, in order, as a new user would type them."""

import re
import shlex

import pytest
from dvc.utils.hydra import apply_overrides
from ruamel.yaml import YAML

from tests.conftest import PROJECT
from tests.e2e.conftest import readme_blocks, start

pytestmark = pytest.mark.slow

# Small enough to be run for this alone; what is committed is what `-S` comes on top of.
SMALL = {
    "chance.draws": 20,
    "profile.draws": 20,
    "story.simulate.subjects": 2,
    "story.extract.context": 3,
    "story.extract.attention": False,
    "scene.simulate.subjects": 1,
    "zoo": ["noise"],
    "story.families": [],
    "story.plant.seeds": 1,
    "story.plant.steps": [0, 8, 64, 512],
    "scene.families": ["labels"],
    "families.labels.steps": [0, 4, 24],
    "train.simulate.words": 3000,
    "train.simulate.pictures": 10,
    "train.story.runs": ["read-0"],
    "train.story.steps": 4,
    "train.story.keep": [0],
    "train.scene.runs": ["labels-0"],
    "train.scene.keep": [0, 4],
    "train.scene.epochs": 8,
}


SETTINGS = ("chance.draws=20", "chance.draws=30", "zoo=[noise]", "align.metrics=[cka_linear]")


def smaller(path):
    yaml = YAML()
    content = yaml.load(path)
    for dotted, value in SMALL.items():
        *sections, key = dotted.split(".")
        section = content
        for name in sections:
            section = section[name]
        section[key] = value
    yaml.dump(content, path)


@pytest.fixture(scope="module")
def small(make_clone):
    """The project with a small study, nothing run yet."""
    clone = make_clone("readme")
    start(clone)
    smaller(clone.folder / "params.yaml")
    clone.run("git", "commit", "--quiet", "--all", "--message", "A smaller study")
    return clone


def of(*beginning):
    """The block that begins with a command."""
    return next(block for block in readme_blocks() if block[0].startswith(" ".join(beginning)))


def comments(text):
    return [line.strip() for line in text.splitlines() if line.strip().startswith("#")]


def test_the_day_of_a_user(small):
    """Every command does what it says; at the end all is as it was committed."""
    shown = {}
    for command in of("dvc", "repro"):
        shown[command] = small.run(*shlex.split(command)).stdout
    text = {name.partition(" -")[0]: said for name, said in shown.items()}
    assert "encode_score" in text["dvc metrics diff"]
    assert "index.html" in text["dvc plots diff"]
    table = next(said for name, said in shown.items() if name.startswith("dvc exp show"))
    assert "minilm-untrained-1" in table
    assert "encode_score" in table
    assert len(max(table.splitlines(), key=len)) < 400
    assert not small.run("git", "status", "--porcelain").stdout
    assert "up to date" in small.run("dvc", "repro").stdout


def test_comments_survive_every_setting(tmp_path):
    """DVC rewrites params.yaml at every `-S`: several times, lists too, and no comment is lost."""
    committed = (PROJECT / "params.yaml").read_text()
    params = tmp_path / "params.yaml"
    params.write_text(committed)
    for setting in SETTINGS:
        apply_overrides(params, [setting])
    assert "draws: 30" in params.read_text()
    assert comments(params.read_text()) == comments(committed)


def test_a_stage_named_in_the_readme_exists():
    stages = YAML(typ="safe").load(PROJECT / "dvc.yaml")["stages"]
    text = (PROJECT / "README.md").read_text()
    for name in re.findall(r"dvc repro(?: -f| --force --single-item)? (\w+)", text):
        assert name in stages


def test_what_stands_in_the_way_is_said(small):
    """Of the runs that need data or the hub, each from the committed parameters."""
    for setting, message in (
        ("story.dataset=wehbe", "no subject's file in data/raw/wehbe"),
        ("model=gpt2", "hub out of reach"),
        ("scene.dataset=nsd", "data/raw/nsd"),
    ):
        told = small.run("dvc", "exp", "run", "--set-param", setting, check=False)
        assert told.returncode != 0
        assert message in told.stdout + told.stderr
        small.run("git", "restore", ".")
        small.run("dvc", "checkout")
