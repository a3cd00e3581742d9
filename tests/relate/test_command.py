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

    def command(source, raw=SOURCES, survey=tmp_path):
        text = (PROJECT / "params.yaml").read_text()
        params = tmp_path / "params.yaml"
        params.write_text(text.replace("source: zoo", f"source: {source}"))
        out, metrics = tmp_path / "relate.parquet", tmp_path / "relate.json"
        options = {"survey": survey, "raw": raw, "out": out, "summary": metrics, "params": params}
        arguments = [part for name, path in options.items() for part in (f"--{name}", str(path))]
        result = CliRunner().invoke(main, arguments)
        if result.exit_code:
            return result
        return result, pd.read_parquet(out), read_json(metrics, "")

    return command


def numbers(content):
    for value in content.values():
        yield from numbers(value) if isinstance(value, dict) else [value]


def test_zoo_downloads_nothing(run, tmp_path, monkeypatch, caplog):
    monkeypatch.delenv("CONCORD_DATA_MIRROR", raising=False)
    monkeypatch.setenv("CONCORD_CACHE", str(tmp_path / "empty"))
    monkeypatch.setenv("CONCORD_GITHUB_RAW", "http://127.0.0.1:9")
    with caplog.at_level("INFO"):
        result, table, metrics = run("zoo")
    assert "is not in the cache" in result.output
    assert set(table["benchmark"]) == {"log_parameters", "log_width"}
    assert metrics["models"] == 26
    assert metrics["vision"]["log_parameters"]["pearson"]["value"] > 0.9


def test_zoo_with_benchmarks_at_hand(run, mirror, monkeypatch):
    monkeypatch.setenv("CONCORD_DATA_MIRROR", str(mirror))
    result, _, metrics = run("zoo")
    assert "short-vit_0 (vit_0.in1k): not there, nearest:" in result.output
    assert metrics["source"] == "zoo"


def test_brainalign(run, mirror, monkeypatch, tmp_path):
    monkeypatch.setenv("CONCORD_DATA_MIRROR", str(mirror))
    _, table, metrics = run("brainalign", survey=tmp_path / "none")
    assert len(table) == metrics["rows"] > 300
    verdicts = table["verdict"].value_counts()
    for name in ("matches", "differs", "cannot be derived"):
        assert metrics[name.replace(" ", "_")] == verdicts[name]
    derived = table[~table["verdict"].eq("cannot be derived")]
    assert derived["value"].notna().all()
    json.dumps(metrics, allow_nan=False)
    assert "partial_spearman" in metrics["vision"]["imagenet"]


def test_no_survey(run, tmp_path):
    result = run("zoo", survey=tmp_path / "none")
    assert result.exit_code == 2
    assert "dvc repro survey_scene`" in result.output.splitlines()[-1]
