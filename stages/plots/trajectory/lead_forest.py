"""By how many octaves alignment is ahead of performance, drawn for a page of a paper."""

from typing import Any

import numpy as np
import pandas as pd
from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Patch

from stages.core.names.vocabulary import EVERYWHERE
from stages.plots.kit.averages import BAND
from stages.plots.kit.multiples import finish_lines, plain, title_panel
from stages.plots.kit.panels import FAINT, INK, NULL, dot_key, name_families, paper
from stages.plots.kit.picture import counted
from stages.plots.trajectory.course_tables import Trajectories, beside_controls, line_name

ROW = 0.2  # inches
HEAD = 1.0  # inches of a panel's title and axis
PANEL = 3.1  # inches wide
LEAST = 1.0  # octaves to either side at least
WIDEST = 3.0  # times the greatest lead that an interval is shown
COLUMNS = 3
BESIDE = {
    "control": "control",
    "difference": "beyond_control",
    "low": "beyond_control_low",
    "high": "beyond_control_high",
    "verdict": "control_verdict",
}
NO_VALUE = "no run has a value"  # of the reasons, the one that needs another beside it
KEPT = ("line", "of", "weights", "metric", "measure", "share", "lead", "low", "high")


def leads_table(made: Trajectories) -> pd.DataFrame:
    """Pick the leads of alignment as a whole, with intervals over runs.

    Returns
    -------
    DataFrame
        line, of, weights, metric, measure, share, `lead` (octaves) with `low` and `high`,
        null_mean, null_sd, n_runs, verdict, reason; sizes together. Of the family: `control`,
        `beyond_control` (the rise of alignment less that of the control) with its ends, and
        `control_verdict`.
    """
    leads = made.leads
    whole = leads["region"].eq(EVERYWHERE) & leads["size"].eq("") & leads["over"].eq("runs")
    rows = leads[whole]
    names = [line_name(of, "", kind) for of, kind in zip(rows["of"], rows["weights"], strict=True)]
    table = rows.assign(line=pd.Series(names, rows.index, str))
    table = table[[*KEPT, "null_mean", "null_sd", "n_runs", "verdict", "reason"]]
    beside = beside_controls(made.controls)[["of", "weights", *BESIDE]].rename(columns=BESIDE)
    table = table.merge(beside, on=["of", "weights"], how="left", validate="many_to_one")
    numbers = ["lead", "low", "high", "null_mean", "null_sd"]
    numbers += [name for name in BESIDE.values() if name.startswith("beyond")]
    table[numbers] = table[numbers].astype(float).round(3)
    return table


def lead_forest(made: Trajectories, title: str) -> Figure | None:
    """Draw one row per measure of performance and share of the rise, one panel per family.

    Returns
    -------
    Figure or None
        None if no run has a lead.
    """
    table = leads_table(made)
    if table["lead"].isna().all():
        return None
    names = list(table["line"].unique())
    measures = list(dict.fromkeys(table["measure"]))
    shares = sorted(table["share"].unique())
    rows = [(measure, share) for measure in measures for share in shares]
    columns = min(len(names), COLUMNS)
    lines = -(-len(names) // columns)
    figure = paper(PANEL * columns + 1.7, (ROW * len(rows) + HEAD) * lines + 0.9)
    axes = list(figure.subplots(lines, columns, sharex=True, sharey=True, squeeze=False).flat)
    for ax in axes[len(names) :]:
        ax.remove()
    axes = axes[: len(names)]
    limit = _limit(table)
    for ax, name in zip(axes, names, strict=True):
        own = table[table["line"].eq(name)]
        _panel(ax, own, rows, limit)
        title_panel(ax, name + _beside_control(own), PANEL)
    for ax in axes[max(len(names) - columns, 0) :]:
        ax.tick_params(labelbottom=True)
        ax.set_xlabel("← performance earlier    octaves    alignment earlier →", fontsize=7)
    finish_lines(figure, _keys(table), title, "")
    figure.draw_without_rendering()
    for ax in axes[::columns]:
        name_families(figure, ax, [measure.replace("_", " ") for measure, _ in rows])
        ax.tick_params(axis="y", which="minor", length=0)
    return figure


def _beside_control(own: pd.DataFrame) -> str:
    """Say below the name of a family what its alignment gains beyond that of its control."""
    row = own.iloc[0]
    if not isinstance(row["control"], str):
        return ""
    if not np.isfinite(row["beyond_control"]):
        return f"\nbeside {row['control']}: {row['control_verdict']}"
    value, ends = f"{row['beyond_control']:+.3f}", ""
    if np.isfinite(row["beyond_control_low"]):
        ends = f" ({row['beyond_control_low']:.3f} to {row['beyond_control_high']:.3f})"
    return f"\nrise less that of {row['control']}: {value}{ends}\n{row['control_verdict']}"


def _limit(table: pd.DataFrame) -> float:
    """Choose how far the axis reaches to either side."""
    leads = table["lead"].abs().max()
    ends = table[["low", "high"]].abs().max().max()
    reach = max(leads, min(WIDEST * leads, ends)) if np.isfinite(ends) else leads
    return float(max(1.1 * reach, LEAST))


def _panel(ax: Axes, table: pd.DataFrame, rows: list[tuple[str, float]], limit: float) -> None:
    """Draw the leads of a family, each before what one course for both would give."""
    plain(ax)
    ax.axvline(0, color=FAINT, lw=0.8, zorder=0)
    for row in table.to_dict("records"):
        height = rows.index((row["measure"], row["share"]))
        certain = np.isfinite(row["low"])
        if np.isfinite(row["null_sd"]):
            reach = BAND * row["null_sd"]
            span = {"xmin": row["null_mean"] - reach, "xmax": row["null_mean"] + reach}
            ax.hlines(height, **span, color=NULL, lw=7, zorder=1)
        if certain:
            ax.hlines(height, row["low"], row["high"], color=INK, lw=1, zorder=2)
        if np.isfinite(row["lead"]):
            face = INK if certain else "white"
            ax.plot(row["lead"], height, "o", ms=4.5, mfc=face, mec=INK, mew=0.9, zorder=3)
        told = counted(int(row["n_runs"]), "run") if row["n_runs"] else "no lead"
        color, beside = INK if row["n_runs"] else FAINT, ax.get_yaxis_transform()
        ax.text(1.01, height, told, fontsize=6, va="center", color=color, transform=beside)
    _say_why(ax, table, rows)
    for height in range(1, len(rows)):
        if rows[height][0] != rows[height - 1][0]:
            ax.axhline(height - 0.5, color=FAINT, lw=0.4)
    ax.set_yticks(range(len(rows)), [f"{100 * share:.0f} %" for _, share in rows], fontsize=7)
    ax.set_ylim(len(rows) - 0.4, -0.6)
    ax.set_xlim(-limit, limit)
    ax.tick_params(axis="y", length=0)


def _say_why(ax: Axes, table: pd.DataFrame, rows: list[tuple[str, float]]) -> None:
    """Write, of each measure without any lead, why there is none."""
    for measure, own in table.groupby("measure", sort=False):
        if own["lead"].notna().any():
            continue
        heights = [height for height, (name, _) in enumerate(rows) if name == measure]
        reasons = [one for text in own["reason"] for one in text.split("; ") if one != NO_VALUE]
        told = "\n".join(dict.fromkeys(reasons)).replace("_", " ")
        place: dict[str, Any] = {"ha": "center", "va": "center", "color": FAINT, "fontsize": 6}
        ax.text(0, float(np.mean(heights)), told, **place, backgroundcolor="white")


def _keys(table: pd.DataFrame) -> list[Artist]:
    keys: list[Artist] = []
    known = table["lead"].notna()
    if table["low"].notna().any():
        keys.append(dot_key("lead, with 95 % over runs", size=4.5))
    if (known & table["low"].isna()).any():
        keys.append(dot_key("lead without an interval", "white", size=4.5))
    if table["null_sd"].notna().any():
        keys.append(Patch(color=NULL, label="95 % if both ran one course"))
    return keys
