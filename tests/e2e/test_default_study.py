"""The default study: what was planted is found, and nothing without its null."""

import json
import shlex

import numpy as np
import pandas as pd
import pytest
from ruamel.yaml import YAML

from stages.core.names.vocabulary import SIGNIFICANT
from stages.core.results.language_scores import read_language_scores
from stages.core.results.upheld import upheld
from stages.core.stats.scores import METRICS
from tests.house import FLOWS

pytestmark = pytest.mark.slow

HEADLINES = ("story", "scene", "language", "trajectory", "ladder", "ladder_training")


def test_the_planted_truth_is_recovered(study):
    found = study.metrics("recover")
    assert found["regions_layer_within_one"] == 1
    assert found["regions_layer_exact"] >= 0.75
    assert found["regions_nothing_significant"] <= 0.25
    assert found["features_planted_decoded"] >= 0.95
    assert found["features_absent_significant"] <= 0.05
    assert found["decode_auc_least"] >= 0.95
    assert found["decode_absent_significant"] <= 0.05
    assert found["profile_nearest_within_one"] >= 0.75
    assert found["profile_preferred_within_one"] >= 0.75
    assert found["profile_nothing_significant"] <= 0.05


def test_planted_layers_of_scenes_are_recovered(study):
    found = study.metrics("recover_scene")
    assert found["layer_within_one"] == 1
    assert found["layer_exact"] >= 0.9
    assert found["modality_right"] == 1
    assert found["nothing_significant"] <= 0.1
    assert max(found["noise_significant"].values()) <= 0.12
    assert min(found["noise_flagged"].values()) == 1


def test_the_planted_course_is_recovered_and_what_learns_rises(study):
    story = study.metrics("trajectory_story")
    planted = story["planted"]
    assert planted["alignment"] == "rises: 3"
    # Held-out r of few data rises later than layers are learnt; the lead is smaller by as much.
    assert planted["onset_delay_low"] > 0
    measured = planted["planted_lead"] - planted["onset_delay"]
    assert planted["lead_heldout_loss_low"] < measured < planted["lead_heldout_loss_high"]
    assert planted["lead_heldout_loss_verdict"] == "precedes"
    assert planted["order_layer_truth"] > 0.9
    assert planted["order_region_truth"] > 0.8
    assert planted["order_region_other_runs"] > 0.8
    assert "rises" not in story["shuffled"]["alignment"]
    curves = pd.read_parquet(study.folder / "data/results/trajectory/story/curves.parquet")
    losses = curves[(curves["measure"] == "stimulus_loss") & (curves["of"] == "read")]
    fallen = losses.groupby("seed")["value"].agg(lambda loss: loss.iloc[0] - loss.iloc[-1])
    assert (fallen > 3).all()
    curves = pd.read_parquet(study.folder / "data/results/trajectory/scene/curves.parquet")
    whole = curves[(curves["layer"] == "chosen") & (curves["region"] == "all")]
    whole = whole[whole["step"] == whole["step"].max()]
    gains = whole.groupby(["weights", "of"])["gain"].mean()
    for weights in ("raw", "calibrated"):
        assert gains[weights, "labels"] > max(gains[weights, "random-labels"], 0.005)
    # Of what rises by itself, batch statistics, calibrated weights have all from the first.
    assert gains["calibrated", "random-labels"] < 0.5 * gains["raw", "random-labels"]


def test_planted_networks_ceilings_and_surprisal_of_readers_are_recovered(study):
    found = read_language_scores(study.folder / "data" / "results" / "language")
    rows = found["scores"].set_index(["recording", "model", "region"])
    raw = study.folder / "data" / "raw" / "pereira2018-simulated" / "truth.json"
    planted = json.loads(raw.read_text())["regions"]["language"]
    driven, silent = (
        rows.loc[("pereira2018-simulated", "minilm", region)] for region in ("language", "auditory")
    )
    assert driven["layer"] == planted["layer"]
    assert driven["q"] < SIGNIFICANT <= silent["q"]
    assert driven["people_ceiling_low"] < planted["ceiling"] < driven["people_ceiling_high"]
    assert driven["normalised"] > 0.6
    assert np.isnan(silent["people_normalised"])
    for twin in ("minilm-untrained-0", "reader-untrained", "control-random"):
        assert rows.loc[("pereira2018-simulated", twin, "language"), "q"] >= SIGNIFICANT
    read, unread = (
        rows.loc[("futrell2018-simulated", model, "reading_time")]
        for model in ("reader", "reader-untrained")
    )
    assert read["surprisal_beyond"] > unread["surprisal_beyond"] + 0.1
    assert rows.loc[("futrell2018-simulated", "reader", "reading_time"), "surprisal_p"] < 0.01
    bits = found["words"].set_index(["recording", "model"])["bits_per_byte"]
    for recording in ("pereira2018-simulated", "futrell2018-simulated"):
        assert bits[recording, "reader"] < bits[recording, "reader-untrained"] - 1
        assert np.isnan(bits[recording, "minilm"])


def test_metrics_are_finite_scalars(study):
    stages = ("decode", "probe", "profile", "encode", "models", "recover", "story")
    scenes = ("align", "survey", "relate", "recover_scene", "scene")
    for stage in stages + scenes:
        flat = pd.json_normalize(study.metrics(stage)).iloc[0]
        assert flat.map(lambda value: isinstance(value, (str, int, float, np.integer))).all()
        assert flat.notna().all()
    assert {"best_layer", "score", "null", "q", "ceiling"} <= set(
        study.metrics("encode")["Angular_L"]
    )


def test_no_score_without_its_null(study):
    for stage in ("decode", "probe", "profile", "encode"):
        table = pd.read_parquet(study.folder / "data" / "results" / f"{stage}.parquet")
        judged = table[(table["kind"] != "baseline") & (table["metric"] != "r2_shared")]
        assert judged[["score", "null_mean", "null_sd", "z", "p", "q"]].notna().all(axis=None)
        assert (judged["q_family"] != "").all()


def test_what_was_planted_in_words_survives_every_control(study):
    results = pd.read_parquet(study.folder / "data/results/probe/minilm.parquet")
    hidden = results[results["kind"] == "hidden"]
    assert set(hidden["metric"]) == {
        *METRICS,
        "r_odd",
        "r_even",
        "r_partial",
        "r2_partial",
        "r_words",
    }
    features = json.loads((study.folder / "data/raw/simulated/truth.json").read_text())["features"]
    found = upheld(hidden).groupby("target")["q"].min() < SIGNIFICANT
    planted, absent = (found[found.index.isin(features[name])] for name in ("planted", "absent"))
    assert absent.mean() <= 0.05
    # Norms are drawn word by word: of a word that other runs lack, nothing tells them.
    drawn = planted.index.str.startswith("NNSE/")
    assert planted[~drawn].mean() >= 0.95
    assert planted[drawn].mean() >= 0.85


def test_a_second_repro_does_nothing(study):
    assert "Data and pipelines are up to date." in study.run("dvc", "repro", *FLOWS).stdout
    assert not study.run("git", "status", "--porcelain").stdout


def test_a_few_headline_numbers_are_dvc_s_metrics(study):
    shown = json.loads(study.run("dvc", "metrics", "show", "--json").stdout)
    files = shown[""]["data"]
    assert set(files) == {f"metrics/{name}.json" for name in HEADLINES}
    families = files.pop("metrics/trajectory.json")["data"]
    words = files.pop("metrics/language.json")["data"]
    assert set(words) == {"pereira2018-simulated", "futrell2018-simulated"}
    assert len(words["pereira2018-simulated"]) == 5
    files.pop("metrics/ladder_training.json")
    ladder = files.pop("metrics/ladder.json")["data"]
    assert ladder["story"]["chance"] > ladder["story"]["untrained_twin"] > 0.4
    assert {"story.planted", "story.read", "story.shuffled", "scene.labels_raw"} <= set(families)
    numbers = [value for file in files.values() for value in file["data"].values()]
    assert 20 <= len(numbers) <= 45
    assert all(isinstance(value, (int, float)) for value in numbers)


def test_trained_stands_beside_untrained(study):
    for name in ("probe", "encode", "profile"):
        table = pd.read_parquet(study.folder / "data" / "results" / f"{name}.parquet")
        assert list(table["model"].unique()) == ["minilm", "minilm+untrained"]
    models = pd.read_parquet(study.folder / "data" / "results" / "models.parquet")
    assert list(models["trained"]) == [True, False]
    numbers = study.metrics("models")
    assert numbers["minilm"]["encode"] > numbers["minilm+untrained"]["encode"]
    assert numbers["minilm"]["probe"] > numbers["minilm+untrained"]["probe"]
    assert study.metrics("story")["encode_score"] > study.metrics("story")["untrained_encode_score"]


def test_dvc_shows_metrics_and_plots(study, tmp_path):
    assert "encode_score" in study.run("dvc", "metrics", "show").stdout
    study.run("dvc", "plots", "show", "--out", str(tmp_path))
    page = (tmp_path / "index.html").read_text()
    assert page.count("vegaEmbed('#") == 16
    assert page.count('<img src="static/') == 50
    assert '<script src="http' not in page


def test_its_page_opens_in_a_browser(study, browse, tmp_path):
    page = tmp_path / "index.html"
    report = YAML(typ="safe").load(study.folder / "report" / "dvc.yaml")["stages"]["report"]
    words = shlex.split(report["cmd"])
    words[words.index("--out") + 1] = str(page)
    study.run(*words)
    assert page.stat().st_size < 5_000_000
    shown = {}
    for view in ("holds", "story", "language", "cortex", "training"):
        shown[view], console, asked = browse(page, f"view={view}&model=minilm")
        assert not console
        assert not asked
        assert f'data-view="{view}"' in shown[view]
        assert "Not what dvc.lock records" not in shown[view]
    assert shown["cortex"].count("<canvas") == 4
    assert shown["story"].count("<canvas") == 3
    table = pd.read_parquet(study.folder / "data/results/encode.parquet")
    rows = table[
        (table["subject"] == "group") & (table["model"] == "minilm") & (table["kind"] == "hidden")
    ]
    for row in rows[(rows["metric"] == "r") & (rows["layer"] == "layer_03")].to_dict("records"):
        assert f'title="{row["region"]}, layer_03: {row["score"]:.3f}, chance' in shown["story"]
