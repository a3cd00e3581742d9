"""Advice names a stage that exists, of the study at hand."""

import re
from pathlib import Path
from typing import get_args

import pytest
from ruamel.yaml import YAML

from stages.core.names.datasets import SCENES, STORIES, rerun, study_of
from stages.core.params.schema import Scene, Story
from tests.conftest import PROJECT


def stages_of(file):
    return YAML(typ="safe").load(PROJECT / file)["stages"]


STAGES = stages_of("dvc.yaml")


def test_the_names_are_those_of_the_parameters():
    assert get_args(Story.model_fields["dataset"].annotation) == STORIES
    assert get_args(Scene.model_fields["dataset"].annotation) == SCENES


@pytest.mark.parametrize(
    ("where", "study"),
    [
        (Path("data/prepared/alice/stimuli.parquet"), "story"),
        ("/elsewhere/data/prepared/nsd: subject subj01, V1", "scene"),
        ("data/prepared/nsd-simulated", "scene"),
        ("data/prepared/simulated", "story"),
        ("data/prepared/mine", None),
        ("data/prepared/table", None),
        ("data/prepared/language/table", "language"),
    ],
)
def test_the_study_is_that_of_the_dataset(where, study):
    assert study_of(where) == study


@pytest.mark.parametrize("verb", ["simulate", "prepare", "extract"])
@pytest.mark.parametrize("dataset", [*STORIES, *SCENES])
def test_the_stage_exists(verb, dataset):
    stage = rerun(verb, f"data/prepared/{dataset}").split("`")[1].split()[-1]
    file, _, name = stage.rpartition(":")
    there = stages_of(file) if file else STAGES
    assert name in there or (stage == "repro" and dataset in STORIES and dataset in SCENES)


def test_no_advice_names_a_stage_that_does_not_exist():
    """Of all messages in the code that say which stage to run."""
    for path in (PROJECT / "stages").rglob("*.py"):
        for words in re.findall(r"dvc repro ([^`\n]+)`", path.read_text()):
            name = words.split("@")[0].split()[-1]
            file, _, stage = name.rpartition(":")
            whole = name.endswith("dvc.yaml")
            there = stages_of(name) if whole else stage in (stages_of(file) if file else STAGES)
            assert there or "{" in name, f"{path}: {name}"
