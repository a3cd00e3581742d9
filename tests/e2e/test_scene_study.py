"""The scene study as its users would run it: other images, other models, models that fail."""

import shutil

import pandas as pd
import pytest

pytestmark = pytest.mark.slow

HUMAN = [0.155, 0.150, 0.171, 0.198, 0.213, 0.388, 0.258]
MONKEY = [0.189, 0.120, 0.154, 0.200, 0.215, 0.436, 0.293]
FEW = "zoo=[efficientnet,efficientnet-untrained-0]"


def test_the_92_images(small, back, mirror):
    """Real brains: every block as published, and trained above untrained where it is late."""
    small.environment["CONCORD_DATA_MIRROR"] = str(mirror)
    small.experiment("scene.dataset=kriegeskorte2008", FEW, targets=("roll_scene",))
    scores = pd.read_parquet(small.folder / "data/results/survey/scores.parquet")
    spearman = scores[(scores["metric"] == "rsa_spearman") & (scores["kind"] == "layer")]
    blocks = spearman.pivot_table(index="layer", columns=["model", "subject"], values="score")
    for subject, published in (("group", HUMAN), ("monkey", MONKEY)):
        trained = blocks["efficientnet", subject]
        assert trained.to_list() == pytest.approx(published, abs=0.01)
        late = trained > blocks["efficientnet-untrained-0", subject]
        assert late[["blocks.4", "blocks.5", "blocks.6"]].sum() >= (3 if subject == "group" else 2)
    people = spearman[spearman["subject"].isin(["BE", "KO", "SN", "TI"])]
    assert (people["ceiling_kind"] == "nili_lower").all()
    means = pd.read_parquet(small.folder / "data/results/survey/means.parquet")
    means = means[(means["model"] == "efficientnet") & (means["metric"] == "rsa_spearman")]
    best = dict(zip(means["region"], means["best_layer"], strict=True))
    assert best == dict.fromkeys(("human_IT", "monkey_IT"), "blocks.5")
    assert (small.folder / "plots/align/layers.png").exists()
    assert small.metrics("recover_scene") == {"truth": "not simulated"}


def test_nsd_some_subjects_and_regions(small, back):
    """The simulated release stands in for the real one, whose layout it has."""
    raw = small.folder / "data/raw"
    folders = ("nsddata", "nsddata_betas", "nsddata_stimuli")
    for name in folders:
        shutil.copytree(raw / "nsd-simulated" / name, raw / "nsd" / name)
    choices = ("subjects=[subj01]", "sessions=[1]", "regions=[V1,FFC]", "dataset=nsd")
    try:
        small.experiment(*(f"scene.{choice}" for choice in choices))
    finally:
        for name in folders:
            shutil.rmtree(raw / "nsd" / name)
    table = pd.read_parquet(small.folder / "data/results/survey/scores.parquet")
    assert set(table["dataset"]) == {"nsd"}
    assert set(table["subject"]) == {"subj01"}
    assert set(table["region"]) == {"V1", "FFC"}
    debiased = table[(table["metric"] == "cka_linear") & (table["kind"] == "layer")]
    assert debiased["score"].abs().max() < 0.1


def test_a_model_that_fails_is_named_at_the_end_and_the_others_are_done(small, back):
    """The hub is out of reach in tests."""
    told = small.experiment("zoo=[noise,gpt2]", check=False)
    assert told.returncode != 0
    said = told.stdout + told.stderr
    assert "models that could not be run" in said
    assert "got gpt2" in said
    models = pd.read_parquet(small.folder / "data/results/survey/models.parquet")
    assert list(models["error"] != "") == [False, True]
    assert "hub out of reach" in models["error"].iloc[1]
    assert list(small.metrics("align")) == ["noise"]


def test_data_that_are_not_here_are_said_before_any_work(small, back):
    small.refuses("scene.dataset=nsd", "data/raw/nsd")
