"""The survey as a whole: whatever is missing, all tables are there; the command writes them."""

import json
import re
import weakref

import numpy as np
import pandas as pd
import pytest
from click.testing import CliRunner

from stages.core.activations.activations import write_about, write_failure
from stages.core.params import schema
from stages.core.params.read import read_params
from stages.core.results.results import read_results, results_table, write_results
from stages.core.results.survey import TABLES, Survey, read_survey, write_survey
from stages.core.run.origins import of_layers
from stages.core.run.tables import write_table
from stages.core.stats.multiple import adjust
from stages.survey.__main__ import main
from stages.survey.all_scores import gather
from stages.survey.depths import depth_centre, depth_profile
from stages.survey.scene.bandwidth import bandwidth_table
from stages.survey.scene.choice import choose_layers
from stages.survey.scene.consistency import consistency_table
from stages.survey.scene.contrast import contrast_table
from stages.survey.scene.control import control_table
from stages.survey.scene.gradient import gradients
from stages.survey.scene.metric_agreement import metric_agreement
from stages.survey.scene.networks import network_table
from stages.survey.scene.summary import region_means
from stages.survey.scene.survey_tables import Aligned, survey
from stages.survey.zoo_models import list_layers
from tests.conftest import PROJECT
from tests.recorded import describe
from tests.survey.planted import (
    DATASET,
    METRICS,
    MODALITY,
    NAMES,
    PEOPLE,
    REGIONS,
    SUBJECTS,
    model,
    place,
    placeless,
    results,
    rows,
    surveyed,
    without,
    zoo,
)

PARAMS = schema.Survey(metric="cka_linear", bins=4, neighbours=5, seed=0)


def check(tables, folder):
    """All tables are there and are read as the contract has it."""
    assert {name: list(table) for name, table in tables.items()} == {
        name: list(columns) for name, columns in TABLES.items()
    }
    write_survey(folder, Survey(**tables))
    for name, table in vars(read_survey(folder)).items():
        pd.testing.assert_frame_equal(table, tables[name].reset_index(drop=True), check_dtype=False)
    for name, table in tables.items():
        numbers = table.drop(columns=["depth", "normalized"], errors="ignore")
        if name in ("depth", "centres", "gradient", "consistency", "contrast", "umap"):
            assert table.notna().all(axis=None)
        if name == "best":
            assert numbers[["score", "chosen_score", "p", "q"]].notna().all(axis=None)


@pytest.fixture
def made(tmp_path, rng):
    def make(models, table, where):
        aligned = results(table, rng.normal(0.1, 0.05, len(table)), p=0.001)
        return surveyed(models, aligned, where, PARAMS, tmp_path / "made")

    return make


def test_one_model_and_one_subject_are_enough(tmp_path, made):
    models = zoo("net")
    tables = made(models, rows(models, SUBJECTS[:1], REGIONS), place(SUBJECTS[:1]))
    check(tables, tmp_path)
    assert set(tables["gradient"]["subject"]) == {"subj01", "mean"}
    for name in ("consistency", "contrast", "umap"):
        assert tables[name].empty


def test_a_failed_model_is_on_the_roll_only(tmp_path, made):
    models = [model("net", error="boom"), *zoo("word", "noise")]
    tables = made(models, rows(models, SUBJECTS, REGIONS), place())
    check(tables, tmp_path)
    assert list(tables["models"]["error"]) == ["boom", "", ""]
    for name in ("scores", "best", "depth", "control"):
        assert "net" not in set(tables[name]["model"])


def test_where_all_models_failed_all_tables_are_there(tmp_path):
    models = [model("net", error="a"), model("word", error="b")]
    tables = surveyed(models, {}, place(), PARAMS, tmp_path / "made")
    check(tables, tmp_path)
    assert len(tables["models"]) == 2
    assert len(tables["regions"]) == 24
    assert all(table.empty for name, table in tables.items() if name not in ("models", "regions"))


def test_dissimilarities_of_people_and_a_monkey(tmp_path, made):
    models = zoo("net", "word")
    human = rows(models, [*PEOPLE, "group"], ["human_IT"], splits=("all",))
    table = pd.concat([human, rows(models, ["monkey"], ["monkey_IT"], splits=("all",))])
    where = placeless(dict.fromkeys([*PEOPLE, "group"], "human_IT") | {"monkey": "monkey_IT"})
    tables = made(models, table, where)
    check(tables, tmp_path)
    assert set(tables["best"]["subject"]) == {*PEOPLE, "group", "monkey"}
    assert set(tables["depth"]["subject"]) == {*PEOPLE, "group", "monkey"}
    assert set(tables["control"]["region"]) == {"human_IT", "monkey_IT"}
    contrast = tables["contrast"].set_index(["metric", "region", "subject"])["difference"]
    for (_, region), found in contrast.groupby(["metric", "region"]):
        people = PEOPLE if region == "human_IT" else ["monkey"]
        of_subject = found.droplevel(["metric", "region"])
        assert of_subject["mean"] == pytest.approx(of_subject[people].mean())
    of = "model == 'net' and metric == 'cka_linear' and region == 'human_IT'"
    means = tables["means"].query(of).iloc[0]
    best = tables["best"].query(f"{of} and subject == 'group'")
    assert means["best_layer"] == best["layer"].item()
    assert means["score"] == best["score"].item()
    for name in ("gradient", "networks", "consistency", "umap"):
        assert tables[name].empty


def test_a_region_that_a_subject_lacks_is_missing_there_only(tmp_path, made):
    models = zoo("net", "word")
    table = rows(models, SUBJECTS, REGIONS)
    table = table[(table["subject"] != "subj02") | (table["region"] != "V1")]
    tables = made(models, table, place())
    check(tables, tmp_path)
    counts = tables["gradient"].groupby("subject")["regions"].unique()
    assert {name: list(found) for name, found in counts.items()} == {
        "subj01": [8], "subj02": [7], "subj03": [8], "mean": [8]
    }  # fmt: skip


def at_once(models, aligned, where):
    """The tables that no other model is asked for, made of all models at once."""
    layers = list_layers(models)
    scores = gather(aligned.values(), layers, where.dataset)
    best, centres = choose_layers(scores), depth_centre(scores)
    trained = {one.name for one in models if one.trained}
    over = "models × layers × regions × subjects"
    tested = adjust(scores[scores["kind"] == "layer"], ("metric", "split"), over)
    scores.loc[tested.index, ["q", "q_family"]] = tested[["q", "q_family"]]
    return {
        "scores": scores,
        "best": adjust(best, ("metric",), "models × regions × subjects"),
        "depth": depth_profile(scores, PARAMS.bins),
        "centres": centres,
        "gradient": gradients(best, centres, where.regions, PARAMS.seed),
        "networks": network_table(best),
        "bandwidth": bandwidth_table(best),
        "consistency": consistency_table(best),
        "agreement": metric_agreement(region_means(best)),
        "contrast": contrast_table(best, trained),
        "control": control_table(scores, layers),
    }


@pytest.mark.parametrize("splits", [("train", "test"), ("all",)])
def test_the_tables_are_those_of_all_models_at_once(tmp_path, rng, splits):
    models = [*zoo(), model("clip", "hf:clip"), model("net-b", "timm:b")]
    table = rows(models, SUBJECTS, REGIONS, [*METRICS, "cka_rbf_1"], splits)
    table = table[(table["subject"] != "subj02") | (table["region"] != "V1")]
    score, p = rng.normal(0.1, 0.05, len(table)), rng.uniform(0, 0.06, len(table))
    aligned = results(table, score, noise=rng.normal(0, 0.01, len(table)), p=p)
    found = surveyed(models, aligned, place(), PARAMS, tmp_path)
    for name, expected in at_once(models, aligned, place()).items():
        # Nobody reads the order of rows, which is by model where it was by subject.
        order = [one for one, kind in TABLES[name].items() if kind == "text"]
        order += [one for one in ("bin", "bandwidth") if one in expected]
        one, other = (
            rows.sort_values(order, kind="stable", ignore_index=True)
            for rows in (found[name], expected)
        )
        exact = name != "gradient"  # products of matrices round by their size
        pd.testing.assert_frame_equal(one, other, check_exact=exact, rtol=0, atol=1e-12)


def test_models_are_not_held_while_others_are_read(tmp_path):
    models = [model(f"net-{k}", f"timm:net{k}") for k in range(3)]
    table = rows(models, SUBJECTS[:1], REGIONS[:2])
    read = []

    def lazily():
        for one in models:
            held = [ref() for ref in read if ref() is not None]
            assert len(held) <= 1
            del held
            found = results(table[table["model"] == one.name], 0.1)[one.name]
            read.append(weakref.ref(found))
            yield Aligned(one.name, found, without(found))

    survey(models, lazily(), place(SUBJECTS[:1], REGIONS[:2]), PARAMS, tmp_path)
    assert len(read) == 3


def test_what_every_model_lacks_is_said_once(made, caplog):
    models = zoo("net", "word", "noise")
    table = rows(models, SUBJECTS, REGIONS)
    made(models, table[(table["subject"] != "subj02") | (table["split"] == "test")], place())
    said = [one.getMessage() for one in caplog.records]
    assert [line for line in said if "region V1 of subject subj02" in line] == [
        "no layer chosen for region V1 of subject subj02: expected scores on other images"
    ]


@pytest.fixture
def study(tmp_path, rng):
    """A recording, activations and results on disk; one model failed."""
    for name in SUBJECTS:
        targets = {"id": REGIONS, "region": REGIONS, "hemisphere": "L", "i": 1.0,
                   "j": np.arange(8.0), "k": 1.0, "ceiling": 0.5}  # fmt: skip
        write_table(tmp_path / "recording" / name / "targets.parquet", pd.DataFrame(targets))
    affines = {name: {"affine": np.eye(4).tolist()} for name in SUBJECTS}
    describe(tmp_path / "recording", DATASET, stimuli_digest="d", subjects=affines)
    models = zoo()
    about = pd.DataFrame({"id": ["a"], "sample": "a", "run": "1", "onset": 0.0, "offset": 1.0})
    for one in models:
        write_about(tmp_path / "activations" / one.name, one.about, about)
    failed = tmp_path / "activations" / "broken"
    write_failure(failed, "timm:broken", "broken", "no weights")
    table = rows(models, SUBJECTS, REGIONS)
    tables = results(table, rng.normal(0.1, 0.05, len(table)))
    for name, one in tables.items():
        origin = of_layers(tmp_path / "recording", tmp_path / "activations" / name)
        write_results(tmp_path / "align" / f"{name}.parquet", one, origin)
        write_table(tmp_path / "jackknife" / f"{name}.parquet", without(one), origin)
    write_results(tmp_path / "align" / "broken.parquet", results_table([]))
    # Of a model that is not of the zoo.
    write_results(tmp_path / "align" / "stranger.parquet", tables["net"].assign(dataset="x"))
    return tmp_path


def run(folder, monkeypatch, models):
    params = read_params(PROJECT / "params.yaml")
    params = params.model_copy(update={"models": models, "zoo": list(models)})
    monkeypatch.setattr("stages.core.params.read.read_params", lambda path: params)
    paths = {"recording": "recording", "activations": "activations", "align": "align",
             "jackknife": "jackknife", "out": "out", "summary": ".",
             "params": "params.yaml"}  # fmt: skip
    words = [word for name, path in paths.items() for word in (f"--{name}", str(folder / path))]
    return CliRunner().invoke(main, ["scene", *words])


def test_the_command_writes_tables_and_metrics(study, monkeypatch):
    result = run(study, monkeypatch, NAMES | {"broken": "timm:broken"})
    assert result.exit_code == 0, result.output
    assert "model broken left out, since it could not be run: no weights" in result.output
    tables = vars(read_survey(study / "out"))
    check(tables, study / "again")
    assert list(tables["models"]["model"]) == [*NAMES, "broken"]
    assert set(tables["umap"]["model"]) == set(NAMES)
    pairs = tables["pairs"][["model", "other"]].drop_duplicates().to_numpy().tolist()
    assert pairs == [["net", "word"], ["net", "net-untrained-0"], ["word", "word-untrained-0"]]
    assert set(tables["scores"]["modality"]) == set(MODALITY.values()) - {"both"}
    metrics = json.loads((study / "survey.json").read_text())
    assert (metrics["models"], metrics["failed"]) == (6, 1)
    assert set(json.loads((study / "align.json").read_text())) == set(NAMES)


def test_a_model_that_was_aligned_with_another_recording_is_refused(study, monkeypatch):
    path = study / "align" / "word.parquet"
    write_results(path, read_results(path, "align", ""), {"recording other": "0" * 64})
    result = run(study, monkeypatch, NAMES)
    assert result.exit_code == 2
    match = r"word\.parquet: expected recording nsd, as .*got recording other\. Run .*align@word`"
    assert re.search(match, result.output), result.output


def test_a_model_that_was_not_aligned_is_an_error_that_says_what_to_run(study, monkeypatch):
    (study / "align" / "word.parquet").unlink()
    result = run(study, monkeypatch, NAMES)
    assert result.exit_code == 2
    assert "word.parquet. Run `dvc repro align@word`." in result.output
