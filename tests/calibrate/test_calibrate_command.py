"""The command writes the table and its summary, and what is recorded is consistent."""

import json
import re
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
    FALSE_POSITIVES,
    RECOVERY,
    VERDICTS,
    read_calibrations,
)
from tests.conftest import PROJECT

LINE = re.compile(
    r"(?P<case>.*): (?P<asks>false positives|power|coverage|recovery)(, truth [\d.]+)? "
    r"(?P<rate>-?[\d.]+) \[(?P<low>-?[\d.]+), (?P<high>-?[\d.]+)\] of (?P<n>\d+)"
    r"(, as \d+)?( \((?P<verdict>\w+)\))?"
)


def test_the_command(tmp_path, monkeypatch):
    """Without the stages, which have a test of their own."""
    stages = ("story_cases", "image_cases", "repeat_cases", "ceiling_cases", "pair_cases")
    scenes = ("scene_cases", "area_cases", "scene_pair_cases")
    for name in (*stages, *scenes, "order_cases", "part_cases", "image_interval_cases"):
        monkeypatch.setattr(page, name, lambda study: iter(()))
    monkeypatch.setattr(page, "family_cases", lambda *_: interval_cases(20, 0))
    monkeypatch.setattr(page, "map_cases", lambda *_: map_cases(20, 0))
    for name in ("interval_cases", "seed_cases"):
        monkeypatch.setattr(page, name, lambda *_: iter(()))
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


def test_what_is_recorded_is_consistent():
    """Every rate lies in its interval, and the verdicts follow from them."""
    recorded = json.loads((PROJECT / "metrics" / "calibration.json").read_text())
    lines = [line for value in recorded.values() if isinstance(value, list) for line in value]
    found = [LINE.fullmatch(line) for line in lines]
    assert all(found)
    assert len(found) == recorded["cases"] > 80
    assert sum(recorded[name.replace(" ", "_")] for name in VERDICTS) == recorded["ours"]
    for one in found:
        rate, low, high = (float(one[name]) for name in ("rate", "low", "high"))
        assert low <= rate <= high
        claim = {FALSE_POSITIVES: 0.05, COVERAGE: 0.95}.get(one["asks"])
        assert (one["verdict"] is None) == (claim is None)
        if one["verdict"] == "calibrated":
            assert low - 1e-3 <= claim <= high + 1e-3
