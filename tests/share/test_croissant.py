import hashlib
import json
import logging

import numpy as np
import pandas as pd
import pytest
from click.testing import CliRunner
from ruamel.yaml import YAML

from stages.core.results.language_scores import NETWORKS, SCORES
from stages.core.results.survey import TABLES as SURVEY
from stages.core.results.typed_tables import empty_table
from stages.core.run.errors import ConcordError, InputError
from stages.core.run.tables import write_table
from stages.share.__main__ import main
from stages.share.column_meanings import column_meaning
from stages.share.croissant import LANGUAGE_TABLES, TABLES, write_tables
from stages.share.croissant_context import CONTEXT
from tests.conftest import PROJECT
from tests.share.conftest import ODD, ceilings, encoded

TYPES = {"sc:Text": "O", "sc:Float": "f", "sc:Integer": "i", "sc:Boolean": "b"}


@pytest.fixture
def results(tmp_path, rng):
    folder = tmp_path / "results"
    write_table(folder / "encode.parquet", encoded(rng))
    write_table(folder / "ceilings_story.parquet", ceilings(rng))
    for name, columns in SURVEY.items():
        write_table(folder / "survey" / f"{name}.parquet", empty_table(columns))
    models = pd.DataFrame({"model": ["a", "b"], "string": "x:y", "modality": "language"})
    models = models.assign(architecture="a", trained=[True, False], parameters=[1e9, np.nan])
    models["seed"] = pd.array([None, 0], dtype="Int64")
    write_table(folder / "models.parquet", models.assign(layers=3, width=5, error=""))
    return folder


@pytest.fixture
def about(results, tmp_path):
    write_tables(results, tmp_path / "out", "2026-01-31", "")
    return json.loads((tmp_path / "out" / "croissant.json").read_text())


def test_every_table_and_column_is_described(about, results, tmp_path):
    names = [record["name"] for record in about["recordSet"]]
    assert {"encode", "ceilings_story", "story_models", "scores", "umap"} <= set(names)
    assert "decode" not in names
    for file, record in zip(about["distribution"], about["recordSet"], strict=True):
        path = tmp_path / "out" / file["contentUrl"]
        assert path.parent == tmp_path / "out"
        assert path.read_bytes() == (results / TABLES[record["name"]][0]).read_bytes()
        assert file["sha256"] == hashlib.sha256(path.read_bytes()).hexdigest()
        table = pd.read_parquet(path)
        assert [field["name"] for field in record["field"]] == list(table)
        for field in record["field"]:
            kind = table[field["name"]].dtype.kind.replace("T", "O")
            assert TYPES[field["dataType"]] == kind, field
            assert field["description"].endswith(".")
            assert field["source"]["extract"]["column"] == field["name"]
    assert "Recordings: simulated." in about["description"]
    assert about["datePublished"] == "2026-01-31"


def test_tables_beyond_the_study_are_named(results, tmp_path):
    with pytest.raises(InputError, match="no table in"):
        write_tables(tmp_path, tmp_path / "out", "2026-01-31", "")
    write_table(results / "decode.parquet", pd.DataFrame({"region": ["a"], "zz": [1.0]}))
    with pytest.raises(ConcordError, match="without a meaning in table decode: got zz"):
        write_tables(results, tmp_path / "out", "2026-01-31", "")
    (results / "decode.parquet").write_text("no table")
    with pytest.raises(InputError, match="unreadable parquet"):
        write_tables(results, tmp_path / "other", "2026-01-31", "")


def test_the_command_says_when_and_on_what_terms(results, tmp_path):
    out = tmp_path / "by command"
    terms = "https://creativecommons.org/licenses/by/4.0/"
    words = ["croissant", "--results", str(results), "--out", str(out), "--license", terms]
    answer = CliRunner().invoke(main, [*words, "--published", "2026-02-01"])
    assert answer.exit_code == 0, answer.output
    about = json.loads((out / "croissant.json").read_text())
    assert (about["license"], about["datePublished"]) == (terms, "2026-02-01")
    assert "decode.parquet is not there, and left out" in answer.output


def test_what_is_described_is_what_dvc_watches():
    stages = YAML(typ="safe").load(PROJECT / "data" / "derivatives" / "dvc.yaml")["stages"]
    deps = stages["share_tables"]["deps"]
    for path, _ in TABLES.values():
        assert f"data/results/{path.split('/')[0]}" in deps
    language = YAML(typ="safe").load(PROJECT / "metrics" / "dvc.yaml")["stages"]
    own = language["share_language"]
    for path, _ in LANGUAGE_TABLES.values():
        assert f"data/results/language/{path}" in own["deps"]
    lines = (PROJECT / ".gitignore").read_text().splitlines()
    ignored = [line.rstrip("/") for line in lines]
    for stage in (*stages.values(), own):
        for out in stage["outs"]:
            (path,) = out
            assert f"/{path.partition('/${')[0]}" in ignored


@pytest.mark.filterwarnings("ignore::DeprecationWarning")  # of its own use of rdflib
def test_mlcroissant_reads_the_rows(about, results, tmp_path):
    mlcroissant = pytest.importorskip("mlcroissant", reason="mlcroissant is not installed")
    found = mlcroissant.Dataset(jsonld=tmp_path / "out" / "croissant.json")
    assert not found.metadata.ctx.issues.errors
    assert not any("context" in issue for issue in found.metadata.ctx.issues.warnings)
    table = pd.read_parquet(results / "encode.parquet")
    rows = pd.DataFrame(list(found.records("encode")))
    assert len(rows) == len(table)
    np.testing.assert_array_equal(rows["encode/score"].astype(float), table["score"])
    np.testing.assert_array_equal(rows["encode/q"].astype(float), table["q"])
    assert [text.decode() for text in rows["encode/region"]] == list(table["region"])
    assert ODD in set(table["region"])
    models = list(found.records("story_models"))
    assert [row["story_models/trained"] for row in models] == [True, False]
    assert "equivalentProperty" in CONTEXT


@pytest.mark.filterwarnings("ignore::DeprecationWarning")  # of its own use of rdflib
def test_mlcroissant_refuses_a_file_that_changed(about, tmp_path, caplog):
    caplog.set_level(logging.INFO)
    mlcroissant = pytest.importorskip("mlcroissant", reason="mlcroissant is not installed")
    path = tmp_path / "out" / "encode.parquet"
    pd.read_parquet(path).assign(score=0.0).to_parquet(path)
    found = mlcroissant.Dataset(jsonld=tmp_path / "out" / "croissant.json")
    with pytest.raises(mlcroissant.GenerationError, match="Download.encode.parquet"):
        next(iter(found.records("encode")))
    assert "not identical with reference" in caplog.text


@pytest.mark.filterwarnings("ignore::DeprecationWarning")  # of its own use of rdflib
def test_the_tables_of_the_language_study_are_described_likewise(tmp_path, rng):
    results, out = tmp_path / "results", tmp_path / "out"
    scores = empty_table(SCORES).reindex(range(3))
    scores = scores.assign(recording=["pereira", "pereira", "futrell"], region=ODD, model="net")
    scores = scores.assign(architecture="net", trained=[True, False, True], subject="group")
    scores = scores.assign(layer="l", ceiling_kind="", score=rng.standard_normal(3))
    write_table(results / "scores.parquet", scores)
    write_table(results / "networks.parquet", empty_table(NETWORKS))
    words = ["croissant", "--language", "--results", str(results), "--out", str(out)]
    answer = CliRunner().invoke(main, words)
    assert answer.exit_code == 0, answer.output
    assert "words.parquet is not there, and left out" in answer.output
    about = json.loads((out / "croissant.json").read_text())
    assert "Recordings: futrell, pereira." in about["description"]
    assert [one["@id"] for one in about["recordSet"]] == ["language_scores", "language_networks"]
    for record in about["recordSet"]:
        for field in record["field"]:
            name = field["@id"].partition("/")[2]
            assert field["description"] == column_meaning(record["@id"], name)
    mlcroissant = pytest.importorskip("mlcroissant", reason="mlcroissant is not installed")
    found = mlcroissant.Dataset(jsonld=out / "croissant.json")
    assert not found.metadata.ctx.issues.errors
    rows = pd.DataFrame(list(found.records("language_scores")))
    np.testing.assert_array_equal(rows["language_scores/score"].astype(float), scores["score"])
