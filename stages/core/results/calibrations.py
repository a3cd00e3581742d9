"""The table of how often the tests and intervals of the project are wrong, one row per case."""

from pathlib import Path

import pandas as pd

from stages.core.results.typed_tables import Columns, number, read_typed, text

CASE = ("stage", "test", "layout", "situation", "method", "asks", "claim")
CALIBRATION_COLUMNS: Columns = (
    text("stage", "test", "layout", "situation", "method", "asks")
    | number("claim", "n", "n_effective", "rate", "low", "high")
    | text("verdict")
)

# What is asked of a case: the share of p up to .05 where there is nothing to find, and where there
# is something; the share of 95 % intervals that hold the truth; and the mean of an estimate.
FALSE_POSITIVES, POWER, COVERAGE, RECOVERY = "false positives", "power", "coverage", "recovery"
ASKS = (FALSE_POSITIVES, POWER, COVERAGE, RECOVERY)
OURS = "ours"  # any other method is shown for comparison
ALPHA, CONFIDENCE = 0.05, 0.95

CALIBRATED, LIBERAL, CONSERVATIVE = "calibrated", "liberal", "conservative"
UNJUDGED = "not judged"  # power and recovery
VERDICTS = (LIBERAL, CONSERVATIVE, CALIBRATED, UNJUDGED)


def read_calibrations(path: Path) -> pd.DataFrame:
    """Read a table of the calibrate stage.

    Raises
    ------
    InputError
        If the file is missing or unreadable, or a column is absent or of another kind.
    """
    return read_typed(path, CALIBRATION_COLUMNS, "Run `dvc repro metrics/dvc.yaml:calibrate`.")
