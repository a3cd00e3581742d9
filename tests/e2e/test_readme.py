"""What the README and docs/ say is what happens: their commands, as a new user would type them."""

import shlex
import shutil

import pandas as pd
import pytest
from dvc.utils.hydra import apply_overrides

from stages.core.params.read import read_params
from tests.conftest import PROJECT
from tests.e2e.conftest import readme_blocks, start
from tests.pages import fenced

pytestmark = pytest.mark.slow

SETTINGS = ("chance.draws=20", "chance.draws=30", "zoo=[noise]", "align.metrics=[cka_linear]")


def of(*beginning):
    """The block that begins with a command."""
    return next(block for block in readme_blocks() if block[0].startswith(" ".join(beginning)))


def comments(text):
    return [line.strip() for line in text.splitlines() if line.strip().startswith("#")]


def test_the_day_of_a_user(started):
    """Every command does what it says; at the end all is as it was committed."""
    shown = {}
    for command in of("dvc", "repro"):
        shown[command] = started.run(*shlex.split(command)).stdout
    text = {name.partition(" -")[0]: said for name, said in shown.items()}
    another = next(said for name, said in shown.items() if name.startswith("dvc exp run"))
    assert "Running stage 'encode@minilm-untrained-1'" in another
    others = ("simulate", "prepare", "train", "extract_scene", "align")
    assert not any(f"Running stage '{name}" in another for name in others)
    assert "encode_score" in text["dvc metrics diff"]
    assert "index.html" in text["dvc plots diff"]
    table = next(said for name, said in shown.items() if name.startswith("dvc exp show"))
    assert "minilm-untrained-1" in table
    assert "encode_score" in table
    assert len(max(table.splitlines(), key=len)) < 400
    assert not started.run("git", "status", "--porcelain").stdout
    assert "up to date" in started.run("dvc", "repro").stdout


@pytest.mark.usefixtures("back")
def test_a_laboratory_studies_its_own_recording(small):
    """From a folder of fMRIPrep's to the first picture, and back into a folder of BIDS."""
    tutorial = (PROJECT / "docs" / "tutorials" / "own-recording.md").read_text()
    assert all(command in tutorial for command in of("echo")[1:])
    said = [small.run("bash", "-euc", block).stdout for block in fenced(tutorial, "bash")]
    assert "trial_type: 'fixation', 'word'" in said[2]
    assert "Left_A" in said[4]
    assert (small.folder / "plots/encode/regions.png").exists()
    scores = pd.read_parquet(small.folder / "data/results/encode.parquet")
    layers = scores[scores["layer"].str.startswith("layer_") & (scores["subject"] == "group")]
    best = layers.groupby("region")["score"].max()
    assert best["Left_A"] > 0.3
    assert (best.drop("Left_A") < 0.3).all()
    maps = sorted((small.folder / "data/derivatives/story").rglob("*statmap.nii.gz"))
    assert any("sub-02" in path.name for path in maps)
    (small.folder / "data/raw/bids/sources.json").unlink()
    shutil.rmtree(small.folder / "data/derivatives/story")
    (small.folder / "data/derivatives/dvc.lock").unlink()


def test_published_numbers_are_derived_again(small, back, mirror):
    small.run("dvc", "repro", "metrics/dvc.yaml:plots_replicate")
    assert not small.run("git", "diff", "--stat", "metrics/replicate.json").stdout
    assert (small.folder / "plots/replicate/numbers.png").exists()
    # None of it is among what `back` goes back to, or what a remote holds.
    shutil.rmtree(small.folder / "plots/replicate")
    shutil.rmtree(small.folder / "data/results/schrimpf2021")
    for name in ("metrics/dvc.lock", "data/results/replicate.parquet"):
        (small.folder / name).unlink()


def test_comments_survive_every_setting(tmp_path):
    """DVC rewrites params.yaml at every `-S`: several times, lists too, and no comment is lost."""
    committed = (PROJECT / "params.yaml").read_text()
    params = tmp_path / "params.yaml"
    params.write_text(committed)
    for setting in SETTINGS:
        apply_overrides(params, [setting])
    assert "draws: 30" in params.read_text()
    assert comments(params.read_text()) == comments(committed)


def test_real_families_are_shown_the_steps_that_training_keeps(tmp_path):
    story_flow = "data/training/dvc.yaml:plots_trajectory_story"
    block = of("dvc", "exp", "run", story_flow)
    params = tmp_path / "params.yaml"
    for words in map(shlex.split, " ".join(block).replace("\\", "").split("dvc exp run ")[1:]):
        shutil.copy(PROJECT / "params.yaml", params)
        apply_overrides(params, [words[k + 1] for k, word in enumerate(words) if word == "-S"])
        study = read_params(params)
        story, scene, families = study.train.story, study.train.scene, study.families
        if words[0] == story_flow:
            made, named = [*story.keep, story.steps], (families["read"], families["shuffled"])
            assert {f"read-{seed}" for seed in named[0].seeds} < set(story.runs)
            assert {f"shuffled-{seed}" for seed in named[1].seeds} < set(story.runs)
        else:
            made, named = [*scene.keep, 132], (families["labels"], families["random-labels"])
        assert all(family.steps == made for family in named)


def test_an_experiment_in_a_clone_that_ran_nothing(make_clone):
    clone = make_clone("fresh")
    start(clone)
    clone.run("python", "-m", "tests.committed_lock")  # where somebody committed pictures of theirs
    said = clone.run("dvc", "exp", "run", "-S", "chance.draws=20", "check").stdout
    assert "Ran experiment(s)" in said
