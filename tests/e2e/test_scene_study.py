"""The scene study as its users would run it: other images, other models, models that fail."""

import shutil

import pandas as pd
import pytest

pytestmark = pytest.mark.slow


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
    told = small.experiment("zoo=[noise,gpt2]", targets=("roll_scene",), check=False)
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
