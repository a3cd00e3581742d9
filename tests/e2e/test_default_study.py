"""The default study, used as its users would: run, run again, another model, back, other data."""

import json

import numpy as np
import pandas as pd
import pytest
from ruamel.yaml import YAML

from tests.conftest import PROJECT
from tests.tiny_models import save_tiny_model

pytestmark = pytest.mark.slow


STAGES = list(YAML(typ="safe").load(PROJECT / "dvc.yaml")["stages"])
# Those of the story study come first.
STORY = {name for name in STAGES[: STAGES.index("simulate_scene")] if not name.endswith("_zoo")}


def ran(output: str) -> set[str]:
    """Stages that a command ran, whatever the model."""
    lines = [line for line in output.splitlines() if line.startswith("Running stage")]
    return {line.split("'")[1].partition("@")[0] for line in lines}


@pytest.fixture
def back(study):
    """Leave the study as it was committed."""
    yield
    study.run("git", "checkout", "--quiet", ".")
    study.run("dvc", "checkout")


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
    assert planted["lead_heldout_loss_low"] < 1 < planted["lead_heldout_loss_high"]
    assert planted["order_layer_truth"] > 0.9
    assert planted["order_region_truth"] > 0.6
    assert "rises" not in story["shuffled"]["alignment"]
    curves = pd.read_parquet(study.folder / "data/results/trajectory/story/curves.parquet")
    losses = curves[(curves["measure"] == "stimulus_loss") & (curves["of"] == "read")]
    fallen = losses.groupby("seed")["value"].agg(lambda loss: loss.iloc[0] - loss.iloc[-1])
    assert (fallen > 3).all()
    curves = pd.read_parquet(study.folder / "data/results/trajectory/scene/curves.parquet")
    whole = curves[(curves["layer"] == "chosen") & (curves["region"] == "all")]
    whole = whole[(whole["weights"] == "raw") & (whole["step"] == whole["step"].max())]
    gains = whole.groupby("of")["gain"].mean()
    assert gains["labels"] > gains["random-labels"]
    assert gains["labels"] > 0.01


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
        judged = table[table["kind"] != "baseline"]
        assert judged[["score", "null_mean", "null_sd", "z", "p", "q"]].notna().all(axis=None)
        assert (judged["q_family"] != "").all()


def test_a_second_repro_does_nothing(study):
    assert "Data and pipelines are up to date." in study.run("dvc", "repro").stdout
    assert not study.run("git", "status", "--porcelain").stdout


def test_a_few_headline_numbers_are_dvc_s_metrics(study):
    shown = json.loads(study.run("dvc", "metrics", "show", "--json").stdout)
    files = shown[""]["data"]
    assert set(files) == {f"metrics/{name}.json" for name in ("story", "scene", "trajectory")}
    families = files.pop("metrics/trajectory.json")["data"]
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


def test_another_model_reruns_only_what_depends_on_it_and_the_way_back_is_cached(study, back):
    fewer = ["--set-param", "chance.draws=50"]
    there = study.run("dvc", "exp", "run", "--set-param", "model=minilm-untrained-1", *fewer).stdout
    assert {"extract_story", "probe", "encode"} <= ran(there)
    assert not ran(there) & {"simulate_story", "prepare_story", "extract_scene", "align"}
    folders = study.folder / "data/activations/simulated"
    for label, seed in (("minilm-untrained-1", 1), ("minilm-untrained-1+untrained", 2)):
        assert json.loads((folders / label / "activations.json").read_text())["seed"] == seed
    changed = json.loads(study.run("dvc", "metrics", "diff", "--json").stdout)
    assert changed["metrics/story.json"]["encode_score"]["diff"] < 0
    back_to = ["--set-param", "model=minilm", "--set-param", "chance.draws=1000"]
    again = study.run("dvc", "exp", "run", *back_to)
    assert not ran(again.stdout)
    assert again.stdout.count("is cached") >= 10
    study.run("git", "checkout", "--quiet", ".")
    assert not study.run("git", "status", "--porcelain").stdout


def test_dvc_shows_metrics_and_plots(study, tmp_path):
    assert "encode_score" in study.run("dvc", "metrics", "show").stdout
    study.run("dvc", "plots", "show", "--out", str(tmp_path))
    page = (tmp_path / "index.html").read_text()
    assert page.count("vegaEmbed('#") == 16
    assert page.count('<img src="static/') == 36
    assert '<script src="http' not in page


def test_stimuli_changed_behind_the_back_of_dvc(study):
    stimuli = study.folder / "data/prepared/simulated/stimuli.parquet"
    kept = stimuli.read_bytes()
    table = pd.read_parquet(stimuli)
    table.loc[7, "text"] = "other"
    try:
        stimuli.unlink()
        table.to_parquet(stimuli)
        told = study.run(
            "python", "-m", "stages.encode", "model", "--out", "x",
            "--recording", "data/prepared/simulated",
            "--activations", "data/activations/simulated/minilm", check=False,
        )  # fmt: skip
    finally:
        stimuli.write_bytes(kept)
    assert told.returncode == 2
    assert "stimuli changed after extraction" in told.stderr.splitlines()[-1]
    assert "dvc repro extract_story" in told.stderr.splitlines()[-1]


QUICK = ["--set-param", "chance.draws=20", "--set-param", "story.extract.context=3"]
# Without the families, which have tests of their own.
QUICK += ["--set-param", "story.families=[]"]


def test_a_zoo_of_words_with_a_model_from_a_folder_and_one_that_fails(study, back, tmp_path):
    folder = save_tiny_model("gpt2", tmp_path / "gpt2")
    words = [f"+models.tiny=file:{folder}", "+models.gone=file:/no/such/folder"]
    words.append("story.zoo=[tiny,gone]")
    settings = [word for setting in words for word in ("--set-param", setting)]
    told = study.run("dvc", "exp", "run", *settings, *QUICK, check=False)
    assert told.returncode != 0
    assert "models that could not be run in params.yaml: story.zoo: got gone" in (
        told.stdout + told.stderr
    )
    table = pd.read_parquet(study.folder / "data/results/encode.parquet")
    assert list(table["model"].unique()) == ["minilm", "minilm+untrained", "tiny"]
    tiny = table[table["model"] == "tiny"]
    assert {"layer_00", "layer_01", "layer_02", "attention_02"} <= set(tiny["layer"])
    models = pd.read_parquet(study.folder / "data/results/models.parquet").set_index("model")
    assert "folder not found" in models.loc["gone", "error"]
    assert (study.folder / "plots/encode/models.png").exists()


@pytest.mark.parametrize(
    ("setting", "message"),
    [
        ("model=minlm", "Did you mean 'minilm'"),
        ("model=hf:EleutherAI/no-such-model", "Give it a short name"),
        ("model=gpt2", "hub out of reach"),
        ("align.metrics=[cka_linaer]", "Did you mean 'cka_linear'"),
        ("story.dataset=alise", "did you mean 'alice'"),
        ("story.dataset=wehbe", "no subject's file in data/raw/wehbe"),
        ("chance.draws=0", "greater than or equal to 1"),
    ],
)
def test_what_cannot_be_run_is_said_before_any_work(study, back, setting, message):
    told = study.run("dvc", "exp", "run", "--set-param", setting, check=False)
    assert told.returncode != 0
    assert message in told.stdout + told.stderr


# The hidden layers of a first look at these data, with z-scored averages, and of this pipeline.
FIRST_LOOK = {
    "layer_00": (0.43, 0.21, 0.31, 0.40, 0.44, 0.23),
    "layer_03": (0.50, 0.37, 0.36, 0.43, 0.51, 0.40),
    "layer_06": (0.21, 0.19, 0.11, 0.18, 0.32, 0.28),
}
PUBLISHED = {
    "layer_00": (0.42, 0.24, 0.30, 0.40, 0.44, 0.31),
    "layer_03": (0.45, 0.32, 0.38, 0.42, 0.51, 0.40),
    "layer_06": (0.24, 0.18, 0.04, 0.15, 0.33, 0.27),
}
REGIONS = ["LATL", "RATL", "LPTL", "LIPL", "LPreM", "LIFG"]


def test_alice(study, back, mirror):
    """Real fMRI: the middle layers beat both ends, and scores are those of the first look."""
    study.environment["CONCORD_DATA_MIRROR"] = str(mirror)
    settings = ["story.dataset=alice", "story.families=[read]"]
    told = study.run("dvc", "exp", "run", *(w for one in settings for w in ("--set-param", one)))
    assert STORY - {"simulate_story"} <= ran(told.stdout)
    assert not ran(told.stdout) & {"simulate_story", "train_story", "extract_scene"}
    assert study.metrics("decode") == {"skipped": "no voxels, only averages of regions"}
    assert study.metrics("profile") == {"skipped": "no region was decoded"}
    assert "no voxels, only averages of regions" in told.stdout + told.stderr
    assert "s33 excluded: 6 of 6 targets constant" in told.stdout + told.stderr
    table = pd.read_parquet(study.folder / "data/results/encode.parquet")
    assert table["subject"].nunique() == 28
    group = table[(table["subject"] == "group") & (table["metric"] == "r")]
    group = group[(group["model"] == "minilm") & (group["kind"] != "nested")]
    scores = group.set_index(["layer", "region"])["score"].unstack()[REGIONS]  # noqa: PD010
    published = pd.DataFrame(PUBLISHED, index=REGIONS).T
    assert ((scores.loc[published.index] - published).abs() <= 0.01).all(axis=None)
    first_look = pd.DataFrame(FIRST_LOOK, index=REGIONS).T
    assert ((scores.loc[first_look.index] - first_look).abs() <= 0.1).all(axis=None)
    middle = scores.loc["layer_03"]
    assert ((middle > scores.loc["layer_00"]) & (middle > scores.loc["layer_06"])).sum() >= 5
    assert (scores.loc["oasm"].abs() < 0.1).all()


def test_natural_stories(study, back, mirror):
    """Reading times of words, stories left out: layers beside length, frequency and position."""
    study.environment["CONCORD_DATA_MIRROR"] = str(mirror)
    fewer = ["--set-param", "story.extract.attention=false", "--set-param", "chance.draws=100"]
    fewer += ["--set-param", "story.families=[]"]
    study.run("dvc", "exp", "run", "--set-param", "story.dataset=naturalstories", *fewer)
    found = study.metrics("encode")["reading_time"]
    assert found["q"] < 0.05
    assert found["null"] < found["score"] < found["ceiling"]
    assert 0.2 < found["nuisance"] < found["ceiling"]
    assert found["partial_q"] < 0.05
