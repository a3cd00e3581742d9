"""The commands, from files to files."""

import json
import sys

import pandas as pd
import pytest
from click.testing import CliRunner

from stages.trajectory.__main__ import main
from stages.trajectory.trajectory_tables import TABLES
from tests.conftest import PROJECT
from tests.trajectory.planted_scores import planted_scores, write_families, write_family


def run(folder, study, *more):
    arguments = [study, "--params", str(PROJECT / "params.yaml"), *more]
    for name in ("family", "activations", "out", "summary"):
        place = {"family": "scores", "summary": "summary.json"}.get(name, name)
        arguments += [f"--{name}", str(folder / place)]
    arguments += ["--published", str(PROJECT / "data" / "raw" / "brainalign-training")]
    return CliRunner().invoke(main, arguments)


def test_help_answers_without_pandas():
    assert CliRunner().invoke(main, ["story", "--help"]).exit_code == 0
    assert "stages.trajectory.study_run" not in sys.modules or "pandas" in sys.modules


def test_a_planted_family_becomes_tables_and_metrics(tmp_path):
    truth = write_families(tmp_path)
    result = run(tmp_path, "story", "--truth", str(truth))
    assert result.exit_code == 0, result.output
    assert {path.stem for path in (tmp_path / "out").iterdir()} == set(TABLES)
    said = json.loads((tmp_path / "summary.json").read_text())
    assert said["read"]["alignment"] == "rises: 2"
    assert said["read"]["order_region_truth"] == 1
    assert "rises" not in said["shuffled"]["alignment"]
    assert said["read"]["control"] == "shuffled"
    assert said["read"]["beyond_control"] == pytest.approx(0.3, abs=0.03)
    first = pd.read_parquet(tmp_path / "out" / "leads.parquet")
    run(tmp_path, "story")
    pd.testing.assert_frame_equal(first, pd.read_parquet(tmp_path / "out" / "leads.parquet"))


def test_wrong_input_is_one_clean_line(tmp_path):
    for of in ("read", "labels"):
        write_family(tmp_path, of, *planted_scores(1, 1.0, of=of))
    result = run(tmp_path, "scene")  # its metric is not among the scores
    assert result.exit_code == 2
    last = result.output.strip().splitlines()[-1]
    assert last.startswith("error: metric missing in scores of labels: expected ['cka_linear']")
    truth = tmp_path / "truth.json"
    truth.write_text('{"halves": [{"layer_00": "early"}]}')
    result = run(tmp_path, "story", "--truth", str(truth))
    assert result.exit_code == 2
    assert "wrong truth" in result.output


def test_a_table_of_a_family_that_is_not_studied_any_more_is_not_read(tmp_path):
    for of in ("read", "gone"):
        write_family(tmp_path, of, *planted_scores(1, 1.0, of=of))
    assert run(tmp_path, "story").exit_code == 0
    curves = pd.read_parquet(tmp_path / "out" / "curves.parquet")
    assert set(curves["of"]) == {"read"}
