"""What the metrics file says of the calibration."""

from typing import Any

import pandas as pd

from stages.core.results.calibrations import (
    COVERAGE,
    FALSE_POSITIVES,
    OURS,
    RECOVERY,
    VERDICTS,
)
from stages.core.results.results import rounded


def summarise(table: pd.DataFrame) -> dict[str, Any]:
    """Count the verdicts on our own tests and intervals, and tell every case in a line.

    Parameters
    ----------
    table : DataFrame
        From `calibration_page`.

    Returns
    -------
    dict
        How many cases there are, and how many of ours have each verdict; the worst false-positive
        rate and coverage of ours; and by stage a list of lines such as
        `r, wehbe, white: false positives .048 [.04, .06] of 960 (calibrated)`, which
        `dvc metrics` passes over, as it does every list.
    """
    ours = table[table["method"].eq(OURS)]
    summary: dict[str, Any] = {"cases": len(table), "ours": len(ours)}
    summary |= {one.replace(" ", "_"): int(ours["verdict"].eq(one).sum()) for one in VERDICTS}
    wrong, held = (ours[ours["asks"].eq(asks)]["rate"] for asks in (FALSE_POSITIVES, COVERAGE))
    if len(wrong):
        summary["worst_false_positives"] = rounded(wrong.max())
    if len(held):
        summary["worst_coverage"] = rounded(held.min())
    for row in table.to_dict("records"):
        summary.setdefault(str(row["stage"]), []).append(told(row))
    return summary


def told(row: dict[Any, Any]) -> str:
    """Tell a case in a line."""
    method = "" if row["method"] == OURS else f" ({row['method']})"
    case = ", ".join(row[name] for name in ("test", "layout", "situation") if row[name])
    claim = f", truth {row['claim']:g}" if row["asks"] == RECOVERY else ""
    found = f"{row['rate']:.3f} [{row['low']:.3f}, {row['high']:.3f}] of {row['n']:.0f}"
    alone = "" if row["n_effective"] > 0.95 * row["n"] else f", as {row['n_effective']:.0f}"
    said = "" if row["verdict"] == VERDICTS[-1] else f" ({row['verdict']})"
    return f"{case}{method}: {row['asks']}{claim} {found}{alone}{said}"
