import json

import pandas as pd
import pytest
from click.testing import CliRunner

from stages.core.run.files import read_json
from stages.core.run.tables import write_table
from stages.relate.__main__ import main
from tests.conftest import PROJECT
from tests.plots.survey_tables import fill
from tests.relate.conftest import SOURCES


@pytest.fixture
def run(tmp_path, zoo):
    """Run the command on the survey of the made-up zoo."""
    write_table(tmp_path / "best.parquet", fill("best", zoo.best))
    write_table(tmp_path / "models.parquet", fill("models", zoo.models))

    def command(survey=tmp_path):
        params = PROJECT / "params.yaml"
        out, metrics = tmp_path / "relate.parquet", tmp_path / "relate.json"
        options = {
            "survey": survey,
            "raw": SOURCES,
            "out": out,
            "summary": metrics,
            "params": params,
        }
        arguments = [part for name, path in options.items() for part in (f"--{name}", str(path))]
        result = CliRunner().invoke(main, ["scene", *arguments])
        if result.exit_code:
            return result
        return result, pd.read_parquet(out), read_json(metrics, "")

    return command


def test_zoo_downloads_nothing(run, tmp_path, monkeypatch, caplog):
    monkeypatch.delenv("CONCORD_DATA_MIRROR", raising=False)
    monkeypatch.setenv("CONCORD_CACHE", str(tmp_path / "empty"))
    monkeypatch.setenv("CONCORD_GITHUB_RAW", "http://127.0.0.1:9")
    with caplog.at_level("INFO"):
        result, table, metrics = run()
    assert "is not in the cache" in result.output
    assert set(table["benchmark"]) == {"log_parameters", "log_width"}
    assert metrics["models"] == 26
    assert metrics["vision"]["log_parameters"]["pearson"]["value"] > 0.9


def test_zoo_with_benchmarks_at_hand(run, mirror, monkeypatch):
    monkeypatch.setenv("CONCORD_DATA_MIRROR", str(mirror))
    result, _, metrics = run()
    assert "short-vit_0 (vit_0.in1k): not there, nearest:" in result.output
    json.dumps(metrics, allow_nan=False)
    assert metrics["models"] == 26


def test_no_survey(run, tmp_path):
    result = run(survey=tmp_path / "none")
    assert result.exit_code == 2
    assert "dvc repro survey_scene`" in result.output.splitlines()[-1]
