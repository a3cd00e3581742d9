"""The story study as its users would run it: another model, back, a zoo, other data."""

import json

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


def test_another_model_reruns_only_what_depends_on_it_and_the_way_back_is_cached(small, back):
    settings = ("model=minilm-untrained-2", "chance.draws=50")
    there = small.experiment(*settings, targets=("headline_story",)).stdout
    assert {"extract_story", "probe", "encode"} <= ran(there)
    assert not ran(there) & {"simulate_story", "prepare_story", "extract_scene", "align"}
    folders = small.folder / "data/activations/simulated"
    for label, seed in (("minilm-untrained-2", 2), ("minilm-untrained-2+untrained", 3)):
        assert json.loads((folders / label / "activations.json").read_text())["seed"] == seed
    changed = json.loads(small.run("dvc", "metrics", "diff", "--json").stdout)
    assert changed["metrics/story.json"]["encode_score"]["diff"] < 0
    # Without a target, DVC takes away what the other model left.
    again = small.experiment("model=minilm", "chance.draws=20")
    assert not ran(again.stdout)
    assert again.stdout.count("is cached") >= 5
    small.run("git", "checkout", "--quiet", ".")
    assert not small.run("git", "status", "--porcelain").stdout


def test_stimuli_changed_behind_the_back_of_dvc(small):
    stimuli = small.folder / "data/prepared/simulated/stimuli.parquet"
    kept = stimuli.read_bytes()
    table = pd.read_parquet(stimuli)
    table.loc[7, "text"] = "other"
    try:
        stimuli.unlink()
        table.to_parquet(stimuli)
        told = small.run(
            "python", "-m", "stages.encode", "model", "--out", "x", "--jackknife", "y",
            "--recording", "data/prepared/simulated",
            "--activations", "data/activations/simulated/minilm", check=False,
        )  # fmt: skip
    finally:
        stimuli.write_bytes(kept)
    assert told.returncode == 2
    assert "another file than was described" in told.stderr.splitlines()[-1]
    assert "dvc repro prepare_story" in told.stderr.splitlines()[-1]


def test_a_zoo_of_words_with_a_model_from_a_folder_and_one_that_fails(small, back, tmp_path):
    folder = save_tiny_model("gpt2", tmp_path / "gpt2")
    models = [f"+models.tiny=file:{folder}", "+models.gone=file:/no/such/folder"]
    zoo = "story.zoo=[tiny,gone]"
    told = small.experiment(*models, zoo, targets=("roll_story",), check=False)
    assert told.returncode != 0
    assert "models that could not be run in params.yaml: story.zoo: got gone" in (
        told.stdout + told.stderr
    )
    table = pd.read_parquet(small.folder / "data/results/encode.parquet")
    assert list(table["model"].unique()) == ["minilm", "minilm+untrained", "tiny"]
    tiny = table[table["model"] == "tiny"]
    assert {"layer_00", "layer_01", "layer_02"} <= set(tiny["layer"])
    models = pd.read_parquet(small.folder / "data/results/models.parquet").set_index("model")
    assert "folder not found" in models.loc["gone", "error"]
    assert (small.folder / "plots/encode/models.png").exists()


@pytest.mark.parametrize(
    ("setting", "message"),
    [
        ("model=minlm", "Did you mean 'minilm'"),
        ("model=gpt2", "hub out of reach"),
        ("story.dataset=wehbe", "no subject's file in data/raw/wehbe"),
    ],
)
def test_what_cannot_be_run_is_said_before_any_work(small, back, setting, message):
    """By the first stage, and by those that look for models and data."""
    small.refuses(setting, message)


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
# How these data were analysed where the numbers were published.
ALICE = (
    "story.dataset=alice",
    "story.extract.context=20",
    "ridge.lambdas.count=20",
    "story.centre=false",
)
REGIONS = ["LATL", "RATL", "LPTL", "LIPL", "LPreM", "LIFG"]


def group_scores(path, metric):
    """Scores of the mean of people by layer and region, but for the nested choice."""
    table = pd.read_parquet(path)
    group = table[(table["subject"] == "group") & (table["metric"] == metric)]
    group = group[(group["model"] == "minilm") & (group["kind"] != "nested")]
    return group.set_index(["layer", "region"])["score"].unstack()[REGIONS]  # noqa: PD010


def test_alice(small, back, mirror):
    """Real fMRI, as published analyses see it: scores are those of the first look."""
    small.environment["CONCORD_DATA_MIRROR"] = str(mirror)
    told = small.experiment(*ALICE, targets=("roll_story",))
    assert STORY - {"simulate_story"} <= ran(told.stdout)
    assert not ran(told.stdout) & {"simulate_story", "train_story", "extract_scene"}
    assert small.metrics("decode") == {"skipped": "no voxels, only averages of regions"}
    assert small.metrics("profile") == {"skipped": "no region was decoded"}
    assert "no voxels, only averages of regions" in told.stdout + told.stderr
    assert "s33 excluded: 6 of 6 targets constant" in told.stdout + told.stderr
    assert pd.read_parquet(small.folder / "data/results/encode.parquet")["subject"].nunique() == 28
    encoded = small.folder / "data/results/encode/minilm.parquet"
    scores, partial = group_scores(encoded, "r"), group_scores(encoded, "r_partial")
    as_before = pd.DataFrame(PUBLISHED, index=REGIONS).T
    assert ((scores.loc[as_before.index] - as_before).abs() <= 0.01).all(axis=None)
    first_look = pd.DataFrame(FIRST_LOOK, index=REGIONS).T
    assert ((scores.loc[first_look.index] - first_look).abs() <= 0.1).all(axis=None)
    small.experiment("story.centre=true", targets=("encode",))
    centred, still = group_scores(encoded, "r"), group_scores(encoded, "r_partial")
    middle = centred.loc["layer_03"]
    assert ((middle > centred.loc["layer_00"]) & (middle > centred.loc["layer_06"])).sum() >= 5
    assert (centred.loc["oasm"].abs() < 0.1).all()
    # Word rate is among the nuisance variables: it makes part of r, and no part of r_partial.
    layers = list(partial.index)
    assert (centred.loc[layers] - scores.loc[layers]).mean(axis=None) < -0.05
    assert ((still - partial).abs() < 0.01).all(axis=None)


def test_natural_stories(small, back, mirror):
    """Reading times of words, stories left out: layers beside length, frequency and position."""
    small.environment["CONCORD_DATA_MIRROR"] = str(mirror)
    settings = ("story.dataset=naturalstories", "story.extract.context=8")
    small.experiment(*settings, targets=("encode@minilm",))
    table = pd.read_parquet(small.folder / "data/results/encode/minilm.parquet")
    rows = table[table["metric"].isin(["r", "r_partial"])].set_index(["metric", "kind"])
    found, partial = (rows.loc[(metric, "nested")] for metric in ("r", "r_partial"))
    nuisance = rows.loc[("r", "control"), "score"]
    assert found["q"] < 0.05
    assert found["null_mean"] < found["score"] < found["ceiling"]
    assert 0.2 < nuisance < found["ceiling"]
    assert partial["q"] < 0.05
