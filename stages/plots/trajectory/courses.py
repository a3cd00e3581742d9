"""Alignment and performance in the course of training, drawn for a page of a paper."""

import math
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd
from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Patch
from matplotlib.typing import LineStyleType

from stages.core.names.vocabulary import ALIGNMENT
from stages.plots.kit.model_lines import COLORS
from stages.plots.kit.multiples import finish_lines, line_key, plain, title_panel, zero
from stages.plots.kit.panels import FAINT, INK, dot_key, paper
from stages.plots.kit.picture import counted
from stages.plots.trajectory.course_rows import (
    ACCURATE,
    CHANCE,
    GAIN,
    KINDS,
    courses_table,
    half_times,
    kind_of,
    run_courses,
    timeless,
)
from stages.plots.trajectory.course_tables import Trajectories, control_lines, run_counts
from stages.plots.trajectory.seen_axis import SeenAxis, draw_axis, seen_axis

COLUMNS = 4  # families side by side
PANEL = (2.3, 1.45)  # inches
BAND = 0.15  # opacity
DOTS: LineStyleType = (0, (1, 2))  # of chance
DASHES: LineStyleType = (0, (3, 2))  # of a control
TOLD: dict[str, Any] = {"color": FAINT, "fontsize": 7, "va": "top"}
COLORED = (INK, *COLORS[:3], *COLORS[4:])  # alignment comes first


def courses(made: Trajectories, unit: str, title: str) -> Figure | None:
    """Draw the courses of every family, size and kind of weights, one above the other.

    Parameters
    ----------
    made : Trajectories
    unit : str
        What the horizontal axis counts.
    title : str

    Returns
    -------
    Figure or None
        None if there is no course of alignment.
    """
    table = courses_table(made)
    names = list(dict.fromkeys(table.loc[table["side"].eq(ALIGNMENT), "line"]))
    if not names:
        return None
    table = table[table["line"].isin(names)].assign(kind=kind_of)
    others = sorted(set(table["kind"]) - {GAIN, *KINDS, ACCURATE[0]})
    kinds = [kind for kind in (GAIN, *KINDS, *others, ACCURATE[0]) if kind in set(table["kind"])]
    measures = table["measure"].unique()
    colors = {name: COLORED[place % len(COLORED)] for place, name in enumerate(measures)}
    figure, columns = _paper(len(names), kinds)
    counts, halves, runs = run_counts(made.curves), half_times(made), run_courses(made)
    untimed, controls = timeless(made), control_lines(made)
    limits = {kind: _limits(table, runs, kind) for kind in kinds}
    for name, column in zip(names, columns, strict=True):
        rows, *others = (one[one["line"].eq(name)] for one in (table, runs, halves))
        control = table[table["line"].eq(controls.get(name, ""))]
        axis = seen_axis(rows["seen"])
        for ax, kind in zip(column, kinds, strict=True):
            _chance(ax, axis, rows[rows["kind"].eq(kind)])
            _behind(ax, axis, control[control["kind"].eq(kind)], colors)
            _panel(ax, axis, [rows[rows["kind"].eq(kind)], *others], colors)
            ax.set_ylim(*limits[kind])
            draw_axis(ax, axis)
            ax.tick_params(labelbottom=kind == kinds[-1])
        if kinds[0] == GAIN and name in untimed:
            column[0].text(0.03, 0.97, untimed[name], transform=column[0].transAxes, **TOLD)
        title_panel(column[0], f"{name}\n{standing(counts[name])}", PANEL[0])
        column[-1].set_xlabel(unit, fontsize=7)
    keys = _keys(table, halves, colors)
    if set(names) & set(controls):
        keys.append(line_key("its control", INK, DASHES))
    finish_lines(figure, keys, title, "")
    return figure


def standing(runs: int) -> str:
    """Say on how many runs a mean stands."""
    return "1 run: no interval" if runs == 1 else counted(runs, "run")


def _paper(n: int, kinds: Sequence[str]) -> tuple[Figure, list[list[Axes]]]:
    """Make the panels of n families: those of each one above the other, named at the left."""
    blocks = math.ceil(n / COLUMNS)
    columns = math.ceil(n / blocks)
    width = max(PANEL[0] * columns + 0.7, 4.5)
    figure = paper(width, (PANEL[1] * len(kinds) + 0.45) * blocks + 1.1)
    grid = figure.subplots(len(kinds) * blocks, columns, squeeze=False)
    for place, ax in enumerate(grid.flat):
        row, column = divmod(place, columns)
        plain(ax)
        ax.tick_params(labelleft=column == 0)
        if column == 0:
            ax.set_ylabel(kinds[row % len(kinds)], fontsize=8)
        if row // len(kinds) * columns + column >= n:
            ax.remove()
    blocked = grid.reshape(blocks, len(kinds), columns).transpose(0, 2, 1).reshape(-1, len(kinds))
    return figure, [list(column) for column in blocked[:n]]


def _limits(table: pd.DataFrame, runs: pd.DataFrame, kind: str) -> tuple[float, float]:
    """Let every mean, run and chance be seen, but not all of a wide interval."""
    own = table[table["kind"].eq(kind)]
    values = pd.concat([own["value"], own["chance"], runs.loc[runs["kind"].eq(kind), "value"]])
    low, high = float(values.min()), float(values.max())
    room = max(0.12 * (high - low), 0.005)
    return low - room, high + room


def _panel(
    ax: Axes, axis: SeenAxis, own: Sequence[pd.DataFrame], colors: Mapping[str, str]
) -> None:
    """Draw means with bands over their runs, and the times to half."""
    means, runs, halves = own
    zero(ax)
    if means.empty:
        told = ax.text(0.5, 0.5, "not measured", color=FAINT, fontsize=7, transform=ax.transAxes)
        told.set(ha="center", va="center")
    for measure, rows in means.groupby("measure", sort=False):
        color = colors[str(measure)]
        for _, run in runs[runs["measure"].eq(measure)].groupby("seed"):
            later = run[run["seen"] > 0].sort_values("seen")
            ax.plot(axis.at(later["seen"]), later["value"], color=color, lw=0.5, alpha=0.45)
        mean_line(ax, axis, rows, color)
        half = halves[halves["measure"].eq(measure)]
        for row in half.to_dict("records"):
            at, low, high = axis.at(2.0 ** np.array([row["octave"], row["low"], row["high"]]))
            height = np.interp(at, axis.at(rows["seen"]), rows["value"])
            if np.isfinite(row["low"]):
                ax.plot([low, high], [height, height], color=color, lw=1.6, zorder=4)
            face = color if np.isfinite(row["low"]) else "white"
            ax.plot(at, height, "D", ms=4.5, mfc=face, mec=color, mew=0.9, zorder=5)


def _chance(ax: Axes, axis: SeenAxis, rows: pd.DataFrame) -> None:
    """Draw what unrelated responses would gain, dotted, and 95 % of it."""
    known = rows[rows["chance"].notna()].sort_values("seen")
    if known.empty:
        return
    across = axis.at(known["seen"])
    value, low, high = (known[name] for name in CHANCE)
    ax.plot(across, value, color=FAINT, ls=DOTS, lw=1, zorder=0.5)
    ax.fill_between(across, low, high, color=FAINT, alpha=BAND, lw=0, zorder=0.4)


def _behind(ax: Axes, axis: SeenAxis, control: pd.DataFrame, colors: Mapping[str, str]) -> None:
    """Draw the means of the control, dashed."""
    for measure, rows in control[control["seen"] > 0].groupby("measure", sort=False):
        later = rows.sort_values("seen")
        style: dict[str, Any] = {"color": colors[str(measure)], "ls": DASHES, "lw": 0.9}
        ax.plot(axis.at(later["seen"]), later["value"], **style, zorder=1.5)


def mean_line(ax: Axes, axis: SeenAxis, rows: pd.DataFrame, color: str) -> None:
    """Draw a mean over runs with its band; the start stands apart, a dot with a bar."""
    later, start = rows[rows["seen"] > 0].sort_values("seen"), rows[rows["seen"] <= 0]
    across = axis.at(later["seen"])
    ax.plot(across, later["value"], color=color, lw=1.3)
    ax.fill_between(across, later["low"], later["high"], color=color, alpha=BAND, lw=0)
    ax.plot(axis.at(start["seen"]), start["value"], "o", ms=3, color=color)
    ax.vlines(axis.at(start["seen"]), start["low"], start["high"], color=color, lw=1)


def _keys(table: pd.DataFrame, halves: pd.DataFrame, colors: Mapping[str, str]) -> list[Artist]:
    named = table.drop_duplicates("measure")
    keys: list[Artist] = [
        line_key(
            f"alignment ({measure})" if side == ALIGNMENT else measure.replace("_", " "),
            colors[measure],
        )
        for side, measure in named[["side", "measure"]].itertuples(index=False)
    ]
    if table["n_runs"].gt(1).any():
        keys.append(line_key("single runs", FAINT))
        keys.append(Patch(color=FAINT, alpha=0.5, label="95 % over runs"))
    if table["chance"].notna().any():
        keys.append(line_key("chance, 95 %", FAINT, DOTS))
    certain = halves["low"].notna()
    marks = {"half of the rise": INK, "half, no interval": "white"}
    for (label, face), shown in zip(marks.items(), (certain.any(), not certain.all()), strict=True):
        if shown:
            half = dot_key(label, face, size=4.5)
            half.set_marker("D")
            keys.append(half)
    return keys
