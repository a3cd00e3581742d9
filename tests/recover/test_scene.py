"""Rates over a small made-up survey are those counted by hand."""

import json
from dataclasses import replace

import pandas as pd
import pytest
from click.testing import CliRunner

from stages.core.results.survey import TABLES, Survey, read_survey, write_survey
from stages.core.run.errors import InputError
from stages.core.run.files import write_json
from stages.recover.__main__ import main
from stages.recover.scene import recover_scene
from tests.conftest import PROJECT
from tests.plots.survey_tables import fill

SEES, READS = "timm:net", "st:words"
REGIONS = {
    "V1": {"driver": "vision", "model": SEES, "layer": "blocks.0"},
    "V2": {"driver": "vision", "model": SEES, "layer": "blocks.3"},
    "44": {"driver": "language", "model": READS, "layer": "layer_04"},
    "45": {"driver": "language", "model": READS, "layer": "layer_10"},
    "4": {"driver": "nothing"},
}
TRUTH = {"regions": REGIONS}
# By area: the layers that its model chose in three people.
CHOSEN = {
    "V1": ("blocks.0", "blocks.0", "blocks.1"),
    "V2": ("blocks.3", "blocks.1", "blocks.1"),
    "44": ("layer_04", "layer_05", "layer_05"),
    "45": ("layer_10", "layer_10", "layer_10"),
}
PEOPLE = ("s1", "s2", "s3")
MODELS = {"see": (SEES, "vision"), "read": (READS, "language"), "no": ("noise:2-4", "noise")}


def best_rows():
    for area, layers in CHOSEN.items():
        model = "see" if area.startswith("V") else "read"
        for subject, layer in zip(PEOPLE, layers, strict=True):
            row = {"model": model, "subject": subject, "region": area, "layer": layer}
            yield row | {"metric": "cka_linear", "q": 0.01 if subject != "s3" else 0.05}
            other = "read" if model == "see" else "see"
            yield row | {"metric": "cka_linear", "q": 0.9, "model": other, "layer": "blocks.9"}
            yield row | {"metric": "mutual_knn_10", "q": 0.9, "layer": "blocks.9"}


def score_rows():
    for model, region, q in (
        ("see", "4", 0.01), ("see", "4", 0.2), ("read", "4", 0.3), ("read", "4", 0.05),
        ("see", "V1", 0.0), ("no", "V1", 0.01), ("no", "4", 0.2),
    ):  # fmt: skip
        row = {"model": model, "region": region, "split": "test", "q": q}
        yield row | {"kind": "layer", "metric": "cka_linear"}
        yield row | {"kind": "noise", "metric": "cka_linear", "q": 0.0}
        yield row | {"kind": "layer", "metric": "cka_linear_biased", "q": 0.0}


def findings():
    control = [
        ("no", "cka_linear_biased", True),
        ("no", "cka_linear_biased", False),
        ("no", "cka_linear", True),
    ]
    gradient = [("see", "s1", 0.5), ("see", "s2", 0.0), ("see", "s3", 0.2), ("see", "mean", 0.4)]
    contrast = [
        ("s1", "V1", -0.1),
        ("s2", "V1", -0.2),
        ("s3", "V1", 0.1),
        ("s1", "44", 0.2),
        ("s2", "44", 0.3),
    ]
    contrast += [("mean", "V1", -0.1), ("mean", "44", 0.25), ("s1", "4", 0.4), ("mean", "X", 1.0)]
    made = {
        "models": [{"model": name, "string": s, "modality": m} for name, (s, m) in MODELS.items()],
        "best": best_rows(),
        "scores": score_rows(),
        "control": pd.DataFrame(control, columns=["model", "metric", "flagged"]),
        "gradient": pd.DataFrame(gradient, columns=["model", "subject", "spearman"]).assign(
            metric="cka_linear", quantity="best_depth"
        ),
        "contrast": pd.DataFrame(contrast, columns=["subject", "region", "difference"]).assign(
            metric="cka_linear"
        ),
    }
    return Survey(**{name: fill(name, made.get(name, ())) for name in TABLES})


def test_rates_are_those_counted_by_hand():
    assert recover_scene(TRUTH, findings(), "cka_linear") == {
        "layer_areas": 4,
        "layer_exact": 0.5833,
        "layer_within_one": 0.8333,
        "layer_exact_by_subject": {"s1": 1, "s2": 0.5, "s3": 0.25},
        "layer_within_one_by_subject": {"s1": 1, "s2": 0.75, "s3": 0.75},
        "layer_exact_usual": 0.5,
        "layer_within_one_usual": 0.75,
        "layer_significant": 0.6667,
        "modality_right": 0.8,
        "modality_right_mean": 1,
        "nothing_areas": 1,
        "nothing_significant": 0.25,
        "noise_significant": {"cka_linear": 0.5},
        "noise_flagged": {"cka_linear_biased": 0.5},
        "gradient_vision": 0.4,
        "gradient_vision_positive": 0.6667,
    }


def test_an_area_that_was_not_surveyed_is_left_out_by_name(caplog):
    found = findings()
    found = replace(found, best=found.best[found.best["region"] != "45"])
    summary = recover_scene(TRUTH, found, "cka_linear")
    assert summary["layer_areas"] == 3
    assert summary["layer_exact_by_subject"]["s1"] == 1
    assert "areas left out: not surveyed: 45" in caplog.text


def test_a_model_that_failed_is_left_out_by_name(caplog):
    found = findings()
    found.models.loc[found.models["model"] == "read", "modality"] = ""
    summary = recover_scene(TRUTH, found, "cka_linear")
    assert summary["layer_areas"] == 2
    assert summary["layer_exact"] == 0.5
    assert "areas driven by language left out: st:words was not surveyed" in caplog.text


def test_empty_tables_give_counts_and_no_rates():
    found = findings()
    empty = Survey(**{name: table.iloc[:0] for name, table in vars(found).items()})
    assert recover_scene(TRUTH, empty, "cka_linear") == {"layer_areas": 0, "nothing_areas": 0}


@pytest.fixture
def run(tmp_path):
    """Run the command on the tables of the made-up survey."""
    write_survey(tmp_path, findings())
    (tmp_path / "raw").mkdir()

    def invoke():
        words = ["--params", PROJECT / "params.yaml", "--raw", tmp_path / "raw"]
        words += ["--survey", tmp_path, "--summary", tmp_path / "found.json"]
        return CliRunner().invoke(main, ["scene", *map(str, words)])

    return invoke


def test_scenes_without_a_truth_say_so(run, tmp_path):
    assert run().exit_code == 0
    assert json.loads((tmp_path / "found.json").read_text()) == {"truth": "not simulated"}


def test_the_command_writes_the_rates(run, tmp_path):
    write_json(tmp_path / "raw" / "truth.json", TRUTH)
    assert run().exit_code == 0
    found = json.loads((tmp_path / "found.json").read_text())
    assert found == recover_scene(TRUTH, findings(), "cka_linear")


def test_a_missing_table_says_what_to_run(run, tmp_path):
    write_json(tmp_path / "raw" / "truth.json", TRUTH)
    (tmp_path / "control.parquet").unlink()
    done = run()
    assert done.exit_code == 2
    assert "control.parquet. Run `dvc repro survey_scene`." in done.stderr.splitlines()[-1]
    with pytest.raises(InputError, match="file not found"):
        read_survey(tmp_path)
