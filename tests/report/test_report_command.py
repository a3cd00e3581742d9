import numpy as np
import pandas as pd
import pytest

from stages.core.results.ladder import RUNGS
from stages.core.run.tables import write_table
from stages.report.claim_rows import STATE
from tests.report.made_results import (
    ATTACK,
    write_everything,
    write_ladder,
    write_scene,
    write_story,
)
from tests.report.unpacked import content_of, table_of


def made(report, results):
    answer, page = report(results)
    assert answer.exit_code == 0, answer.output
    content = content_of(page)
    return content, {name: table_of(one) for name, one in content["tables"].items()}


def absent(content):
    return {one["name"]: one["command"] for one in content["parts"] if not one["there"]}


def test_every_score_of_the_page_is_that_of_its_table(report, tmp_path, rng):
    survey = write_everything(tmp_path / "results", rng)
    content, tables = made(report, tmp_path / "results")
    assert not absent(content)
    best = survey.best[survey.best["kind"] == "nested"].reset_index(drop=True)
    for name in ("model", "subject", "region", "metric", "score", "null_mean", "q", "ceiling"):
        expected = best[name].astype(tables["places"][name].dtype)
        pd.testing.assert_series_equal(tables["places"][name], expected, check_exact=True)
    layers = survey.scores[survey.scores["kind"] == "layer"]
    layers = layers[layers["metric"] == "cka_linear"].astype({"score": float})
    assert sorted(tables["curves"]["score"]) == sorted(layers["score"])
    encode = pd.read_parquet(tmp_path / "results" / "encode.parquet")
    rows = encode[(encode["subject"] == "group") & encode["metric"].isin(["r", "r_partial"])]
    assert sorted(tables["encode"]["score"]) == sorted(rows["score"])


def test_claims_have_their_rungs_and_limits(report, tmp_path, rng):
    write_everything(tmp_path / "results", rng)
    _, tables = made(report, tmp_path / "results")
    ladder = pd.read_parquet(tmp_path / "results" / "ladder" / "story.parquet")
    claims = tables["claims"].set_index(["claim", "model", "other", "region"])
    assert len(claims) * len(RUNGS) == len(ladder) == len(tables["rungs"])
    for row in ladder.to_dict("records"):
        key = tuple(row[name] for name in ("claim", "model", "other", "region"))
        assert claims.loc[key, row["rung"] + STATE] == row["state"]
        if row["rung"] == "chance":
            assert claims.loc[key, "score"] == row["value"]
            limit = 0.8 if row["claim"] == "predicts" else np.nan
            np.testing.assert_equal(claims.loc[key, "ceiling"], limit)


@pytest.mark.parametrize(
    ("write", "there"),
    [
        (write_scene, {"survey", "scene_relations", "scene_ceilings"}),
        (
            write_story,
            {"encode", "probe", "decode", "decode_maps", "profile", "models", "story_ceilings"},
        ),
    ],
)
def test_one_study_is_enough_and_the_others_are_named(report, tmp_path, rng, write, there):
    write(tmp_path / "results", rng)
    content, tables = made(report, tmp_path / "results")
    missing = absent(content)
    assert {one["name"] for one in content["parts"]} - set(missing) == there
    assert missing["ladder"] == "dvc repro ladder"
    assert missing["calibration"] == "dvc repro metrics/dvc.yaml:calibrate"
    assert "claims" not in tables
    assert list(tables["calibration_told"]["line"]) == ["r: false positives 0.03 (calibrated)"]
    assert content["metrics"] == ({"scene": {"models": 8.0}} if "survey" in there else {})


def test_training_on_another_recording_counts_as_not_there(report, tmp_path, rng):
    results = tmp_path / "results"
    write_everything(results, rng)
    leads = results / "trajectory" / "story" / "leads.parquet"
    write_table(leads, pd.read_parquet(leads), {"recording alice": "a" * 64})
    content, tables = made(report, results)
    assert absent(content) == {
        "trajectory_story": "dvc repro data/training/dvc.yaml:trajectory_story"
    }
    what = next(one["what"] for one in content["parts"] if one["name"] == "trajectory_story")
    assert what == "courses of the story (what is there is of alice)"
    assert set(tables["leads"]["study"]) == {"scene"}
    assert "trajectory" not in content["metrics"]
    assert not any("trajectory/story" in one["path"] for one in content["recorded"])


def test_without_any_study_there_is_no_page(report, tmp_path):
    answer, page = report(tmp_path / "results")
    assert answer.exit_code == 2
    assert "no results in" in answer.output
    assert page is None


def test_a_table_that_is_damaged_is_not_left_out(report, tmp_path, rng):
    write_story(tmp_path / "results", rng)
    (tmp_path / "results" / "encode.parquet").write_bytes(b"PAR1")
    answer, page = report(tmp_path / "results")
    assert answer.exit_code == 2
    assert "encode.parquet" in answer.output
    assert page is None


@pytest.mark.parametrize("content", [b"", b"PAR1", "models.parquet"])
@pytest.mark.parametrize("name", ["best.parquet", "scores.parquet"])
def test_a_large_table_that_is_damaged_or_another_is_refused(report, tmp_path, rng, name, content):
    write_scene(tmp_path / "results", rng)
    survey = tmp_path / "results" / "survey"
    other = content if isinstance(content, bytes) else (survey / content).read_bytes()
    (survey / name).write_bytes(other)
    answer, page = report(tmp_path / "results")
    assert answer.exit_code == 2, answer.output
    assert name in answer.output.strip().splitlines()[-1]
    assert page is None


@pytest.mark.parametrize("name", ["encode.parquet", "models.parquet", "ladder"])
def test_a_table_behind_a_broken_link_is_not_left_out(report, tmp_path, rng, name):
    write_everything(tmp_path / "results", rng)
    table = tmp_path / "results" / name
    table.rename(tmp_path / name)
    table.symlink_to("nowhere")
    answer, page = report(tmp_path / "results")
    assert answer.exit_code == 2
    assert f"link that leads nowhere in {table}. Run `dvc checkout`" in answer.output
    assert page is None


def test_a_ladder_of_an_earlier_version_is_told(report, tmp_path, rng):
    write_everything(tmp_path / "results", rng)
    path = tmp_path / "results" / "ladder" / "story.parquet"
    table = pd.read_parquet(path)
    write_table(path, table[table["rung"] != RUNGS[-1]])
    answer, page = report(tmp_path / "results")
    assert answer.exit_code == 2
    assert f"got none of {RUNGS[-1]}" in answer.output
    assert "Run `dvc repro`" in answer.output
    assert page is None


def test_a_region_may_be_called_anything(report, tmp_path, rng):
    write_story(tmp_path / "results", rng, ("A", ATTACK))
    write_ladder(tmp_path / "results", ("A", ATTACK))
    _, page = report(tmp_path / "results")
    assert "<script>alert" not in page
    assert ATTACK in set(table_of(content_of(page)["tables"]["encode"])["region"])


def test_what_was_skipped_is_not_told_of(report, tmp_path, rng):
    write_story(tmp_path / "results", rng)
    ensembles, profiles = "regularised ensembles", "Profiles, r of all features"
    told = "\n".join(content_of(report(tmp_path / "results")[1])["methods"])
    assert ensembles in told
    assert profiles in told
    for name in ("decode", "profile"):
        path = tmp_path / "results" / f"{name}.parquet"
        write_table(path, pd.read_parquet(path).iloc[:0])
    told = "\n".join(content_of(report(tmp_path / "results")[1])["methods"])
    assert "Linguistic features were read from every layer" in told
    assert ensembles not in told
    assert profiles not in told


def test_what_is_missing_is_missing(report, tmp_path, rng):
    write_scene(tmp_path / "results", rng)
    path = tmp_path / "results" / "survey" / "best.parquet"
    table = pd.read_parquet(path)
    table.loc[0, "ceiling"] = np.nan
    write_table(path, table)
    _, tables = made(report, tmp_path / "results")
    assert np.isnan(tables["places"]["ceiling"][0])
    failed = tables["models"][tables["models"]["model"] == "broken"]
    assert failed["score"].isna().all()
    assert (failed["error"] != "").all()


def test_the_same_results_make_the_same_page(report, tmp_path, rng):
    write_story(tmp_path / "results", rng)
    assert report(tmp_path / "results")[1] == report(tmp_path / "results")[1]


def test_what_was_done_beside_the_scenes_is_told_where_it_was_done(report, tmp_path, rng):
    write_scene(tmp_path / "results", rng)
    words = {"encoding.parquet": "ridge regression", "areas/areas.parquet": "first showing"}
    before = " ".join(made(report, tmp_path / "results")[0]["methods"])
    assert not [word for word in words.values() if word in before]
    for file, told in words.items():
        write_table(tmp_path / "results" / file, pd.DataFrame({"score": [0.0]}))
        assert told in " ".join(made(report, tmp_path / "results")[0]["methods"])
