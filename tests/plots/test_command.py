import os
import subprocess
import sys

import pandas as pd
import pytest
from click.testing import CliRunner

from stages.core.results import write_results
from stages.plots.__main__ import main
from stages.plots.tables import encoding_table, heads_table, probing_table
from tests.conftest import PROJECT

PICTURES = ["encode/layers.png", "encode/regions.png", "probe/families.png", "probe/heads.png"]
TABLES = ["encode/regions.csv", "probe/families.csv", "probe/heads.csv"]


@pytest.fixture
def command(encoded, probed, tmp_path):
    """Make the command line that draws synthetic results into a folder."""
    write_results(tmp_path / "encode.parquet", encoded())
    write_results(tmp_path / "probe.parquet", probed)

    def make(out):
        paths = {"--encode": "encode.parquet", "--probe": "probe.parquet", "--out": out}
        words = [word for name, path in paths.items() for word in (name, str(tmp_path / path))]
        return ["draw", *words]

    return make


def test_tables_and_pictures_are_written(command, encoded, probed, tmp_path):
    done = CliRunner().invoke(main, command("out"))
    assert done.exit_code == 0, done.output
    written = [str(path.relative_to(tmp_path / "out")) for path in (tmp_path / "out").rglob("*.*")]
    assert sorted(written) == sorted(PICTURES + TABLES)
    results = pd.read_parquet(tmp_path / "encode.parquet")
    regions = pd.read_csv(tmp_path / "out" / "encode" / "regions.csv")
    pd.testing.assert_frame_equal(regions, encoding_table(results), check_dtype=False)
    for name, table in {"families": probing_table(probed), "heads": heads_table(probed)}.items():
        written = pd.read_csv(tmp_path / "out" / "probe" / f"{name}.csv")
        pd.testing.assert_frame_equal(written, table, check_dtype=False)


def test_without_attention_there_is_no_picture_of_heads(command, probe_results, tmp_path):
    write_results(tmp_path / "probe.parquet", probe_results(attention=False))
    done = CliRunner().invoke(main, command("out"))
    assert done.exit_code == 0, done.output
    assert not (tmp_path / "out" / "probe" / "heads.png").exists()
    assert len(pd.read_csv(tmp_path / "out" / "probe" / "heads.csv")) == 0


@pytest.mark.slow
def test_another_process_writes_the_same_bytes(command, tmp_path):
    for out, seed in (("one", "1"), ("two", "2")):
        line = [sys.executable, "-m", "stages.plots", *command(out)]
        environment = os.environ | {"PYTHONHASHSEED": seed}
        subprocess.run(line, cwd=PROJECT, env=environment, check=True, capture_output=True)
    for name in PICTURES + TABLES:
        one, two = ((tmp_path / out / name).read_bytes() for out in ("one", "two"))
        assert one == two


def test_missing_results_say_what_to_run(command, tmp_path):
    (tmp_path / "probe.parquet").unlink()
    done = CliRunner().invoke(main, command("out"))
    assert done.exit_code == 2
    assert done.stderr.splitlines()[-1].endswith("probe.parquet. Run `dvc repro probe`.")
    assert not (tmp_path / "out").exists()


def test_the_page_is_written(tmp_path):
    done = CliRunner().invoke(main, ["page", str(tmp_path / "page.html")])
    assert done.exit_code == 0, done.output
    assert "{plot_divs}" in (tmp_path / "page.html").read_text(encoding="utf-8")
