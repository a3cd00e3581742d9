"""The command writes the table and its summary, and what is recorded is consistent."""

import json
from dataclasses import replace

import pandas as pd
from click.testing import CliRunner

from stages.calibrate import page
from stages.calibrate.__main__ import main
from stages.calibrate.interval_cases import interval_cases
from stages.calibrate.map_cases import map_cases
from stages.calibrate.observed import Case, observed
from stages.calibrate.rates import rates
from stages.calibrate.summary import summarise
from stages.core.results.calibrations import (
    COVERAGE,
    RECOVERY,
    read_calibrations,
)
from tests.conftest import PROJECT


def test_the_command(tmp_path, monkeypatch):
    """Without the stages, which have a test of their own."""
    for name in ("story_cases", "image_cases", "ceiling_cases"):
        monkeypatch.setattr(page, name, lambda study: iter(()))
    monkeypatch.setattr(page, "family_cases", lambda *_: interval_cases(20, 0))
    monkeypatch.setattr(page, "map_cases", lambda *_: map_cases(20, 0))
    monkeypatch.setattr(page, "interval_cases", lambda *_: iter(()))
    out, summary = tmp_path / "calibration.parquet", tmp_path / "calibration.json"
    words = ["--out", str(out), "--summary", str(summary), "--params", str(PROJECT / "params.yaml")]
    done = CliRunner().invoke(main, words)
    assert done.exit_code == 0, done.output
    table = read_calibrations(out)
    assert json.loads(summary.read_text()) == summarise(table)


def test_a_case_is_told_in_a_line():
    case = Case("encode", "r", "white", "alice")
    clusters = [0] * 50 + [1] * 50
    parts = [
        observed([0.01, 0.2] * 100, replace(case, method="otherwise")),
        observed([0.5] * 50, case),
        observed([0.1, 0.3], replace(case, situation="drift", asks=RECOVERY, truth=0.2)),
        observed([True] * 100, replace(case, situation="x", asks=COVERAGE), clusters),
    ]
    found = summarise(rates(pd.concat(parts)))
    assert found["cases"] == 4
    assert (found["ours"], found["liberal"], found["calibrated"], found["not_judged"]) == (
        *(3, 0, 2, 1),
    )
    assert found["worst_false_positives"] == 0
    assert found["worst_coverage"] == 1
    assert found["encode"] == [
        "r, alice, white (otherwise): false positives 0.500 [0.429, 0.571] of 200 (liberal)",
        "r, alice, white: false positives 0.000 [0.000, 0.071] of 50 (calibrated)",
        "r, alice, drift: recovery, truth 0.2 0.200 [-1.071, 1.471] of 2",
        "r, alice, x: coverage 1.000 [0.158, 1.000] of 100, as 2 (calibrated)",
    ]
