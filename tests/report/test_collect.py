"""What a page gathers from what is there: readers tell what they were given."""

from pathlib import Path
from types import SimpleNamespace

import pandas as pd
import pytest

from stages.core.run.errors import InputError
from stages.report import collect as module
from stages.report.collect import Folders, collect, gather_tables
from stages.report.parts import PARTS
from stages.report.words_text import DECODED, ENCODED, PROBED

PARAMS = SimpleNamespace(
    survey=SimpleNamespace(metric="cka"),
    story=SimpleNamespace(dataset="alice"),
    scene=SimpleNamespace(dataset="nsd"),
)


@pytest.fixture
def at(tmp_path):
    """Folders in which parts can be made."""
    for name in ("results", "metrics"):
        (tmp_path / name).mkdir()
    places = {name: tmp_path / name for name in ("results", "metrics", "prepared", "raw", "params")}
    return Folders(**places, locks=[])


def made(at, *names):
    for name in names:
        path = at.results / PARTS[name].path
        path.parent.mkdir(parents=True, exist_ok=True)
        if "." in path.name:
            path.touch()
        else:
            path.mkdir()
            (path / "a").touch()


def rows(*values):
    return pd.DataFrame({"v": values})


@pytest.fixture(autouse=True)
def readers(monkeypatch):
    """Tables are of the folder that they were read from."""
    named = lambda path: path.name  # noqa: E731
    plain = {
        name: (lambda path, name=name: rows(name, named(path)).assign(kind=["nested", "layer"]))
        for name in module._READ_PLAIN
    }
    monkeypatch.setattr(module, "_READ_PLAIN", plain)
    fakes = {
        "read_told": lambda path: rows("told", named(path)),
        "read_heads": lambda path: rows("heads", named(path)),
        "read_story_models": lambda path, encode: rows("story models", len(encode)),
        "read_language_models": lambda path: rows("language models", named(path)),
        "read_language": lambda path: {"language": rows(named(path))},
        "read_courses": lambda folders: {"courses": rows(*sorted(folders))},
        "read_all_relations": lambda paths: rows(*(f"{k}: {named(p)}" for k, p in paths.items())),
        "read_claims": lambda folders: {"claims": rows(*map(named, folders))},
        "limits_of": lambda study, table: rows(study, *table["v"]),
        "with_chance": lambda claims, limits: rows(*claims["v"], "|", *limits["v"]),
        "tidy": lambda table: table,
    }
    for name, fake in fakes.items():
        monkeypatch.setattr(module, name, fake)

    def read_scene(path, metric):
        assert metric == "cka"
        tables = {"scene_models": rows("scene model"), "scene_limits": rows("limit")}
        return tables | {"survey": rows("s"), "survey_left_out": rows("note")}

    monkeypatch.setattr(module, "read_scene", read_scene)


def values(table):
    return table["v"].tolist()


def test_tables_are_of_the_parts_that_are_there(at):
    assert gather_tables(at, PARAMS) == {}
    made(at, "encode", "probe", "models")
    found = gather_tables(at, PARAMS)
    assert set(found) == {"encode", "probe", "heads", "models"}
    assert values(found["encode"]) == ["encode", "encode.parquet"]
    assert values(found["heads"]) == ["heads", "probe.parquet"]
    assert values(found["models"]) == ["story models", 2]


def test_models_of_a_story_stand_beside_its_layers(at):
    made(at, "models")
    assert gather_tables(at, PARAMS) == {}


def test_the_models_of_all_studies_are_one_table(at):
    made(at, "encode", "models", "survey", "language")
    found = gather_tables(at, PARAMS)
    models = found["models"]
    assert values(models) == [
        *("story models", 2),
        "scene model",
        *("language models", "language"),
    ]
    scene = models[models["v"].eq("scene model")]
    assert scene[["study", "recording"]].to_numpy().tolist() == [["scene", "nsd"]]
    assert models.index.tolist() == list(range(5))
    assert "scene_models" not in found
    assert "scene_limits" not in found
    assert values(found["left_out"]) == ["note"]
    assert "survey_left_out" not in found
    assert values(found["language"]) == ["language"]


def test_claims_stand_beside_chance_and_ceilings_where_these_are_known(at):
    made(at, "ladder")
    assert values(gather_tables(at, PARAMS)["claims"]) == ["ladder"]
    made(at, "encode")
    found = gather_tables(at, PARAMS)["claims"]
    assert values(found) == ["ladder", "|", "story", "encode"]
    made(at, "survey", "ladder_training")
    found = gather_tables(at, PARAMS)["claims"]
    assert values(found) == ["ladder", "ladder_training", "|", "limit", "story", "encode"]


def test_without_ladders_there_are_no_claims(at):
    made(at, "encode", "survey")
    assert "claims" not in gather_tables(at, PARAMS)


def test_relations_and_courses_are_of_the_studies_that_have_them(at):
    made(at, "language_relations", "trajectory_scene")
    found = gather_tables(at, PARAMS)
    assert values(found["relations"]) == ["language: relations.parquet"]
    assert values(found["courses"]) == ["scene"]
    made(at, "scene_relations", "trajectory_story")
    found = gather_tables(at, PARAMS)
    assert values(found["relations"]) == ["scene: relate.parquet", "language: relations.parquet"]
    assert values(found["courses"]) == ["scene", "story"]


def test_what_was_committed_is_told_where_the_table_is_not_there(at):
    (at.metrics / "calibration.json").touch()
    (at.metrics / "replicate.json").touch()
    made(at, "replication")
    found = gather_tables(at, PARAMS)
    assert set(found) == {"calibration_told", "replication"}
    assert values(found["calibration_told"]) == ["told", "calibration.json"]


def test_parts_of_another_recording_are_not_there(at):
    made(at, "encode", "probe")
    other = Folders(**vars(at) | {"others": {"probe": "wehbe"}})
    assert set(gather_tables(other, PARAMS)) == {"encode"}


def test_what_was_done_has_rows(at):
    made(at, "encode", "probe", "survey")
    tables = {"encode": rows(1), "probe": rows()}
    assert module._done(at, tables) == {ENCODED, "scene", "story"}
    assert module._done(at, {"encode": rows(), "probe": rows()}) == {"scene"}
    (at.results / "encoding.parquet").touch()
    made(at, "decode")
    found = module._done(at, {"encode": rows(), "probe": rows(), "decode": rows(1)})
    assert found == {"scene", DECODED, "story", module.VOXELS}
    assert PROBED not in found


def test_headlines_are_of_results_that_are_there_and_of_no_other_recording(at):
    for name in ("story", "scene", "trajectory", "ladder", "check"):
        (at.metrics / f"{name}.json").write_text("{}")
    assert module._metrics(at) == {}
    made(at, "encode", "trajectory_scene", "ladder_training")
    assert set(module._metrics(at)) == {"story", "trajectory"}
    other = Folders(**vars(at) | {"others": {"trajectory_story": "wehbe"}})
    assert set(module._metrics(other)) == {"story"}
    assert module._shown(at) == [
        *(
            at.results / PARTS[name].path
            for name in PARTS
            if name in ("encode", "trajectory_scene", "ladder_training")
        ),
        at.metrics / "story.json",
        at.metrics / "trajectory.json",
    ]


def test_weights_are_shown_where_there_are_decoders(at, monkeypatch):
    monkeypatch.setattr(module, "read_volumes", lambda maps, table: {"maps": maps.name})
    monkeypatch.setattr(module, "anatomy_of", lambda name, folder: (name, folder.name))
    assert module._volumes(at, PARAMS) == {}
    made(at, "decode_maps")
    assert module._volumes(at, PARAMS) == {}
    made(at, "decode")
    assert module._volumes(at, PARAMS) == {"maps": "decode_maps", "anatomy": ("alice", "alice")}
    monkeypatch.setattr(module, "read_volumes", lambda maps, table: {})
    assert module._volumes(at, PARAMS) == {}


def test_what_was_planted_is_of_the_studies_that_have_models(at, monkeypatch):
    monkeypatch.setattr(module, "read_roll", lambda path, study: (path.name, study))
    monkeypatch.setattr(module, "planted_regions", lambda *given: given)
    assert module._planted(at, PARAMS) == {}
    made(at, "models", "survey")
    (at.results / "survey/models.parquet").touch()
    assert module._planted(at, PARAMS) == {
        study: (at.raw / name, ("models.parquet", study), study)
        for study, name in (("story", "alice"), ("scene", "nsd"))
    }


def test_a_page_of_nothing_is_refused(at, monkeypatch):
    monkeypatch.setattr(module, "other_training", lambda results, params: {})
    made(at, "calibration", "ladder")
    with pytest.raises(InputError, match=f"no results in {Path(at.results)}"):
        collect(at, PARAMS)
