"""Which tables each ladder is made of: readers tell what they were asked for."""

from pathlib import Path

import pandas as pd
import pytest

from stages.core.results.pairs import INTERVALS
from stages.core.results.survey import TABLES
from stages.ladder import read_evidence as module
from stages.ladder.read_evidence import (
    Asked,
    read_studies,
    read_trainings,
    studies_made_from,
    trainings_made_from,
)
from stages.ladder.training_claims import CONTROLS, LEADS

ASKED = Asked(story="alice", scene="nsd", metric="cka", share=0.25)
ENCODE = pd.DataFrame({"kind": ["layer", "nested", "nested"], "score": [1.0, 2.0, 3.0]})


@pytest.fixture(autouse=True)
def told(monkeypatch):
    """Tables are what was asked for, and ladders the evidence."""
    typed = lambda path, columns, do: (path, columns, do)  # noqa: E731
    monkeypatch.setattr(module, "read_results", lambda path, stage, do: ENCODE)
    monkeypatch.setattr(module, "read_pairs", lambda path, do: (path, do))
    monkeypatch.setattr(module, "read_typed", typed)
    monkeypatch.setattr(module, "other_ladders", lambda folder, name: (folder, name))
    monkeypatch.setattr(module.story_claims, "story_ladder", lambda evidence: evidence)
    monkeypatch.setattr(module.scene_claims, "scene_ladder", lambda evidence: evidence)
    monkeypatch.setattr(module, "together", lambda *paths, do="": ([str(one) for one in paths], do))


def test_the_ladder_of_stories_is_of_nested_scores(monkeypatch):
    monkeypatch.setattr(module, "read_scene", lambda *given: given)
    found = read_studies(Path("r"), Path("o"), ASKED)
    assert found["scene"] == (Path("r"), Path("o"), ASKED)
    story, do = found["story"], "Run `dvc repro survey_story`."
    assert story.nested["score"].tolist() == [2.0, 3.0]
    assert story.pairs == (Path("r/pairs.parquet"), do)
    assert story.intervals == (Path("r/intervals.parquet"), INTERVALS, do)
    assert story.roll == (Path("r/models.parquet"), TABLES["models"], do)
    assert (story.others, story.share) == ((Path("o"), "alice"), 0.25)


def test_the_ladder_of_scenes_is_of_one_metric(monkeypatch):
    def tables(folder, names, kept):
        assert (folder, kept) == (Path("r/survey"), {"metric": ["cka"]})
        return {name: f"the {name}" for name in names}

    monkeypatch.setattr(module, "read_tables", tables)
    monkeypatch.setattr(module, "read_story", lambda *given: given)
    found = read_studies(Path("r"), Path("o"), ASKED)
    assert found["story"] == (Path("r"), Path("o"), ASKED)
    scene = found["scene"]
    for field, table in (("best", "best"), ("control", "control"), ("pairs", "pairs")):
        assert getattr(scene, field) == f"the {table}"
    assert (scene.intervals, scene.roll) == ("the intervals", "the models")
    assert (scene.others, scene.metric, scene.share) == ((Path("o"), "nsd"), "cka", 0.25)


@pytest.mark.parametrize("leaks", [True, False])
def test_ladders_of_training_leak_in_the_story_alone(monkeypatch, leaks):
    def read(path, columns, do):
        if path.name == "controls.parquet":
            assert list(columns) == list(CONTROLS)
            return pd.DataFrame({name: [path.parent.name] for name in (*CONTROLS, "further")})
        assert list(columns) == list(LEADS)
        return path, do

    monkeypatch.setattr(module, "read_table", read)
    monkeypatch.setattr(module, "training_ladder", lambda *given, leaks: (*given, leaks))
    recordings = {"story": "alice", "scene": "nsd"}
    found = read_trainings(Path("t"), Path("o"), recordings, leaks=leaks)
    assert list(found) == ["trajectory_story", "trajectory_scene"]
    for study, recording in recordings.items():
        leads, controls, others, name, leaky = found[f"trajectory_{study}"]
        again = f"Run `dvc repro data/training/dvc.yaml:trajectory_{study}`."
        assert leads == (Path("t", study, "leads.parquet"), again)
        assert controls.columns.tolist() == list(CONTROLS)
        assert (others, name) == ((Path("o"), recording), recording)
        assert leaky == (leaks and study == "story")


def test_ladders_say_what_they_were_made_from():
    found = studies_made_from(Path("r"))
    names = ("encode", "pairs", "intervals", "models")
    assert found["story"][0] == [f"r/{name}.parquet" for name in names]
    names = ("best", "control", "pairs", "intervals", "models")
    assert found["scene"][0] == [f"r/survey/{name}.parquet" for name in names]
    found = trainings_made_from(Path("t"), ["scene"])
    assert list(found) == ["trajectory_scene"]
    paths, do = found["trajectory_scene"]
    assert paths == ["t/scene/leads.parquet", "t/scene/controls.parquet"]
    assert do == "Run `dvc repro data/training/dvc.yaml:trajectory_scene`."
