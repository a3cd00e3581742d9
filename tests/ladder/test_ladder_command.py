"""The command holds the claims of all studies against what is on disk."""

import json

import pandas as pd
import pytest
from click.testing import CliRunner

from stages.core.results.ladder import read_ladder
from stages.core.run.tables import write_table
from stages.ladder.__main__ import main
from tests.conftest import PROJECT
from tests.ladder.findings import write_findings
from tests.ladder.test_story_claims import climbed
from tests.ladder.test_training_claims import controls, leads


@pytest.fixture
def run(tmp_path, rng):
    """Run the command on made-up results of both studies."""
    write_findings(tmp_path, rng)
    for study in ("story", "scene"):
        write_table(tmp_path / "trajectory" / study / "leads.parquet", leads())
        write_table(tmp_path / "trajectory" / study / "controls.parquet", controls())
    read = {
        "studies": ("--results", tmp_path),
        "training": ("--trajectories", tmp_path / "trajectory"),
    }

    def invoke(command, params=PROJECT / "params.yaml"):
        words = [command, *read[command], "--others", tmp_path / "others"]
        words += ["--out", tmp_path / command, "--summary", tmp_path / f"{command}.json"]
        words += ["--metrics", tmp_path / f"{command}_metrics.json"]
        words += ["--params", params]
        return CliRunner().invoke(main, [str(word) for word in words])

    return invoke


def test_every_study_has_its_ladder(run, tmp_path):
    done = run("studies")
    assert done.exit_code == 0, done.output
    made = {path.stem: read_ladder(path, "") for path in (tmp_path / "studies").iterdir()}
    assert set(made) == {"story", "scene"}
    pd.testing.assert_frame_equal(made["story"], climbed(), check_dtype=False)
    told = json.loads((tmp_path / "studies.json").read_text())
    metrics = json.loads((tmp_path / "studies_metrics.json").read_text())
    assert metrics["story"] == {
        **dict.fromkeys(("stands", "chance", "nuisance", "untrained_twin"), 0.5),
        **dict.fromkeys(("ceiling", "other_people"), 0.5),
    }
    story = told["story"]
    assert story["predicts"]["big"]["regions"] == 2
    assert story["predicts"]["big"]["stands"] == 0.5
    assert story["predicts"]["big"]["chance"] == {"held": 1, "asked": 2}
    assert set(story["surpasses"]) == {"big > small"}
    assert run("training").exit_code == 0
    told = json.loads((tmp_path / "training.json").read_text())
    assert set(told) == {"trajectory_story", "trajectory_scene"}
    assert set(told["trajectory_scene"]["precedes"]) == {
        "read > heldout_loss",
        "read > stimulus_loss",
    }


def test_ladders_of_other_recordings_are_asked_and_its_own_is_not(run, tmp_path):
    other = climbed().assign(dataset="alice")
    same = climbed().assign(dataset="simulated", state="fails")
    for name, table in (("alice", other), ("same", same)):
        write_table(tmp_path / "others" / f"{name}.parquet", table)
    assert run("studies").exit_code == 0
    made = read_ladder(tmp_path / "studies" / "story.parquet", "")
    found = made[(made["rung"] == "other data") & (made["region"] == "A")]
    assert set(found["state"]) == {"holds"}
    assert set(found["why"]) == {"in alice"}


def test_what_is_no_ladder_is_refused(run, tmp_path):
    write_table(tmp_path / "others" / "wrong.parquet", pd.DataFrame({"a": [1]}))
    done = run("studies")
    assert done.exit_code == 2
    assert "wrong.parquet" in done.output


def test_a_table_that_is_missing_is_named_with_its_stage(run, tmp_path):
    (tmp_path / "trajectory" / "scene" / "leads.parquet").unlink()
    done = run("training")
    assert done.exit_code == 2
    assert "Run `dvc repro data/training/dvc.yaml:trajectory_scene`." in done.output


def test_shuffled_folds_are_those_of_stories_alone(run, tmp_path):
    text = (PROJECT / "params.yaml").read_text()
    (tmp_path / "params.yaml").write_text(text.replace("scheme: auto", "scheme: shuffled"))
    assert run("training", tmp_path / "params.yaml").exit_code == 0
    metrics = json.loads((tmp_path / "training_metrics.json").read_text())
    assert set(metrics) == {"trajectory_scene"}
