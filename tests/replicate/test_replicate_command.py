import json
import math

import pandas as pd
import pytest
from click.testing import CliRunner

from stages.core.results.replications import read_replications
from stages.replicate.__main__ import main
from stages.replicate.published_targets import Found, Target, judge, replication_table
from stages.replicate.summary import HEADLINES, short, summarise
from tests.conftest import PROJECT
from tests.replicate.conftest import RAW


@pytest.fixture
def run(tmp_path):
    def command():
        out, summary = tmp_path / "replicate.parquet", tmp_path / "replicate.json"
        arguments = ["--raw", str(RAW), "--out", str(out), "--summary", str(summary)]
        result = CliRunner().invoke(main, arguments)
        assert result.exit_code == 0, result.output
        return read_replications(out), json.loads(summary.read_text()), result.output

    return command


def test_on_the_real_tables(run, mirror, monkeypatch):
    monkeypatch.setenv("CONCORD_DATA_MIRROR", str(mirror))
    table, summary, _ = run()
    assert table["source"].nunique() == 11
    assert summary["numbers"] == table["shown"].sum() >= 40
    assert summary["checked"] == len(table) > 500
    names = ("matches", "within", "does_not_recompute", "needs", "nothing_published")
    assert sum(summary[name] for name in names) == summary["numbers"]
    assert (summary["does_not_recompute"], summary["needs"]) == (15, 17)
    assert all(name in summary for name in HEADLINES)
    assert table.loc[table["verdict"].eq("needs"), "needs"].ne("").all()
    assert table.loc[~table["verdict"].eq("needs"), "ours"].notna().all()


def test_it_is_what_is_recorded(run, mirror, monkeypatch):
    """The metrics file in the repository is that of these tables."""
    monkeypatch.setenv("CONCORD_DATA_MIRROR", str(mirror))
    recorded = json.loads((PROJECT / "metrics" / "replicate.json").read_text())
    summary = run()[1]
    assert list(summary) == list(recorded)
    for name, value in summary.items():
        if isinstance(value, list):
            verdicts = [[line.rsplit("(", 1)[1] for line in one] for one in (value, recorded[name])]
            assert verdicts[0] == verdicts[1]
        else:
            assert value == pytest.approx(recorded[name], abs=2e-4)


def test_nothing_at_hand_fails_nothing(run, tmp_path, monkeypatch):
    (tmp_path / "empty").mkdir()
    monkeypatch.setenv("CONCORD_DATA_MIRROR", str(tmp_path / "empty"))
    table, summary, output = run()
    assert set(table["verdict"]) == {"needs"}
    assert summary["needs"] == summary["numbers"] > 100
    assert "schrimpf2021: not derived: schrimpf2021/precomputed-scores.csv cannot be had" in output


def test_one_source_that_is_missing_leaves_the_others(run, tmp_path, mirror, monkeypatch):
    part = tmp_path / "part"
    part.mkdir()
    for name in ("schrimpf2021", "naturalstories"):
        (part / name).symlink_to(mirror / name)
    monkeypatch.setenv("CONCORD_DATA_MIRROR", str(part))
    table, _, _ = run()
    derived = set(table.loc[table["ours"].notna(), "source"])
    assert derived == {"schrimpf2021", "naturalstories"}


def test_summary_tells_a_number_in_a_line():
    rows = [
        judge("paper", Target("a", ".44", 0.03), Found(0.4566, -0.01, 0.74)),
        judge("paper", Target("b", ".67"), Found(0.367)),
        judge("paper", Target("c", "", shown=False), Found(1 / 3)),
        judge("paper", Target("d", ".3", needs="big.nc"), None),
        judge("paper", Target("e", ""), Found(2)),
    ]
    assert summarise(replication_table(rows)) == {
        "numbers": 4,
        "matches": 0,
        "within": 1,
        "does_not_recompute": 1,
        "needs": 1,
        "nothing_published": 1,
        "checked": 5,
        "checked_does_not_recompute": 1,
        "paper": [
            "a: 0.44 -> 0.4566 [-0.01, 0.74] (within)",
            "b: 0.67 -> 0.367 (does not recompute)",
            "d: 0.3 (needs big.nc)",
            "e: -> 2 (nothing published)",
        ],
    }


@pytest.mark.parametrize(
    ("value", "text"), [(10256.0, "10256"), (0.0, "0"), (-0.5, "-0.5"), (1.23456, "1.235")]
)
def test_short(value, text):
    assert short(value) == text
    assert math.isclose(float(text), value, rel_tol=1e-3)


def test_an_empty_table_is_summarised():
    assert summarise(replication_table([]))["numbers"] == 0
    assert isinstance(replication_table([]), pd.DataFrame)
