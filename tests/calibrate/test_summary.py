"""What the metrics file says of the calibration, by hand."""

import pandas as pd
import pytest

from stages.calibrate.summary import summarise, told
from stages.core.results.calibrations import (
    CALIBRATED,
    CONSERVATIVE,
    COVERAGE,
    FALSE_POSITIVES,
    LIBERAL,
    OURS,
    POWER,
    RECOVERY,
    UNJUDGED,
)

COLUMNS = ["stage", "test", "layout", "situation", "method", "asks", "claim", "rate", "low"]
COLUMNS += ["high", "n", "n_effective", "verdict"]
ROWS = [
    (
        "encode",
        "r",
        "wehbe",
        "white",
        OURS,
        FALSE_POSITIVES,
        0.05,
        0.048,
        0.04,
        0.06,
        960,
        960,
        CALIBRATED,
    ),
    (
        "encode",
        "r",
        "",
        "slow",
        OURS,
        FALSE_POSITIVES,
        0.05,
        0.0712345,
        0.06,
        0.08,
        960,
        500.4,
        LIBERAL,
    ),
    ("align", "r", "", "slow", "other", FALSE_POSITIVES, 0.05, 0.5, 0.4, 0.6, 10, 10, LIBERAL),
    ("align", "i", "", "s", OURS, COVERAGE, 0.95, 0.97, 0.9, 0.99, 100, 96, CONSERVATIVE),
    ("align", "i", "", "t", OURS, COVERAGE, 0.95, 0.93, 0.9, 0.99, 100, 95, CALIBRATED),
    ("align", "i", "", "u", "other", COVERAGE, 0.95, 0.1, 0.0, 0.2, 100, 95, LIBERAL),
    ("align", "b", "", "s", OURS, RECOVERY, 0.25, 0.01, -0.01, 0.02, 100, 100, UNJUDGED),
    ("align", "p", "", "s", OURS, POWER, 0.0, 0.999, 0.9, 1.0, 100, 100, UNJUDGED),
]


def test_verdicts_are_counted_and_the_worst_told():
    found = summarise(pd.DataFrame(ROWS, columns=COLUMNS))
    assert found.pop("encode") == [
        "r, wehbe, white: false positives 0.048 [0.040, 0.060] of 960 (calibrated)",
        "r, slow: false positives 0.071 [0.060, 0.080] of 960, as 500 (liberal)",
    ]
    assert found.pop("align") == [
        "r, slow (other): false positives 0.500 [0.400, 0.600] of 10 (liberal)",
        "i, s: coverage 0.970 [0.900, 0.990] of 100 (conservative)",
        "i, t: coverage 0.930 [0.900, 0.990] of 100, as 95 (calibrated)",
        "i, u (other): coverage 0.100 [0.000, 0.200] of 100, as 95 (liberal)",
        "b, s: recovery, truth 0.25 0.010 [-0.010, 0.020] of 100",
        "p, s: power 0.999 [0.900, 1.000] of 100",
    ]
    assert found == {
        "cases": 8,
        "ours": 6,
        "liberal": 1,
        "conservative": 1,
        "calibrated": 2,
        "not_judged": 2,
        "worst_false_positives": 0.0712,
        "worst_coverage": 0.93,
    }


@pytest.mark.parametrize("asks", [FALSE_POSITIVES, COVERAGE])
def test_without_cases_of_a_kind_no_worst_is_told(asks):
    table = pd.DataFrame(ROWS, columns=COLUMNS)
    found = summarise(table[table["asks"].ne(asks)])
    worst = {FALSE_POSITIVES: "worst_false_positives", COVERAGE: "worst_coverage"}
    assert worst[asks] not in found
    assert len({*worst.values()} & {*found}) == 1


def test_a_case_is_told_in_a_line():
    row = dict(zip(COLUMNS, ROWS[0], strict=True))
    assert told(row).startswith("r, wehbe, white: false positives")
