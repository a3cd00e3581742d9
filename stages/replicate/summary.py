"""What the metrics file says of the replications."""

from typing import Any

import pandas as pd

from stages.core.results.replications import DIFFERS, NEEDS, VERDICTS


def summarise(table: pd.DataFrame) -> dict[str, Any]:
    """Count the verdicts, and tell each number that is shown in a line.

    Parameters
    ----------
    table : DataFrame
        From `replication_table`.

    Returns
    -------
    dict
        `numbers`, and how many have each verdict, of those shown; `checked`, of all; by source
        the lines, such as `.44 -> .457 (within)`.
    """
    shown = table[table["shown"]]
    counts = {verdict: int(shown["verdict"].eq(verdict).sum()) for verdict in VERDICTS}
    summary: dict[str, Any] = {"numbers": len(shown)}
    summary |= {verdict.replace(" ", "_"): count for verdict, count in counts.items()}
    summary |= {
        "checked": len(table),
        "checked_does_not_recompute": int(table["verdict"].eq(DIFFERS).sum()),
    }
    for row in shown.to_dict("records"):
        place = summary.setdefault(str(row["source"]), {})
        place[str(row["quantity"])] = told(row)
    return summary


def told(row: dict[Any, Any]) -> str:
    """Tell a number in a line: published, ours with its interval, and the verdict."""
    published = "" if pd.isna(row["published"]) else f"{short(row['published'])} "
    if row["verdict"] == NEEDS:
        return f"{published}({NEEDS} {row['needs']})"
    known = pd.notna(row["low"])
    interval = f" [{short(row['low'])}, {short(row['high'])}]" if known else ""
    return f"{published}-> {short(row['ours'])}{interval} ({row['verdict']})"


def short(value: float) -> str:
    """Write a number with four significant digits; whole ones of any length in full."""
    if float(value).is_integer() and abs(value) < 1e9:
        return f"{value:.0f}"
    return f"{value:.4g}"
