"""Rates of false positives, power and coverage, drawn for a page of a paper."""

import numpy as np
import pandas as pd
from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from numpy.typing import NDArray

from stages.core.results.calibrations import (
    ALPHA,
    CONFIDENCE,
    COVERAGE,
    FALSE_POSITIVES,
    OURS,
    POWER,
)
from stages.plots.kit.multiples import line_key, plain
from stages.plots.kit.panels import FAINT, label_width, paper
from stages.plots.kit.picture import set_title

COLORS = ("#0072b2", "#e69f00", "#009e73", "#cc79a7")  # of layouts
OTHERS = "#d55e00"
PANELS = {
    FALSE_POSITIVES: ("share of p up to .05 where there is nothing", ALPHA),
    POWER: ("share of p up to .05 where there is something", None),
    COVERAGE: ("share of 95 % intervals that hold the truth", CONFIDENCE),
}
TICKS = (0, 0.01, 0.05, 0.1, 0.2, 0.5, 1)
SMALL = 0.75  # width of the letters of names, as a part of those of a heat map
ROW, PANEL = 0.14, 3.2  # inches of a row, and of the width of a panel
LAYOUTS = ("wehbe", "alice")  # drawn one beside the other; other layouts are named in the row


def calibration_dots(table: pd.DataFrame, title: str) -> Figure | None:
    """Draw rates with their 95 % intervals: false positives to the left, the others to the right.

    Parameters
    ----------
    table : DataFrame
        From `drawn_cases`.
    title : str

    Returns
    -------
    Figure or None
        None if there is no rate of these kinds.
    """
    parts = {asks: table[table["asks"].eq(asks)] for asks in PANELS}
    parts = {asks: rows for asks, rows in parts.items() if len(rows)}
    if not parts:
        return None
    counts = {asks: rows["name"].nunique() for asks, rows in parts.items()}
    left = [asks for asks in parts if asks == FALSE_POSITIVES]
    sides = [side for side in (left, [asks for asks in parts if asks not in left]) if side]
    rows = max(sum(counts[asks] for asks in side) for side in sides)
    names = [pd.concat([parts[asks]["name"] for asks in side]) for side in sides]
    widths = [PANEL + SMALL * label_width(some) for some in names]
    figure = paper(sum(widths) + 0.6, ROW * rows + 1.8)
    figure.set_layout_engine("constrained", w_pad=0.1)
    columns = figure.subfigures(1, len(sides), squeeze=False, width_ratios=widths)[0]
    for column, side in zip(columns, sides, strict=True):
        heights = [counts[asks] + 3 for asks in side]
        axes = column.subplots(len(side), 1, height_ratios=heights, squeeze=False)
        for ax, asks in zip(axes[:, 0], side, strict=True):
            _panel(ax, parts[asks], asks)
    figure.legend(
        handles=_keys(table), loc="outside lower center", ncols=4, fontsize=7, frameon=False
    )
    set_title(figure, title)
    return figure


def _panel(ax: Axes, rows: pd.DataFrame, asks: str) -> None:
    label, claim = PANELS[asks]
    names = list(rows["name"].unique())
    for layout, shift in zip(("", *LAYOUTS), (0.0, -0.18, 0.18), strict=True):
        for ours in (True, False):
            mine = rows["method"].eq(OURS) == ours
            some = rows[mine & rows["drawn"].eq(layout)]
            at = [names.index(name) + shift for name in some["name"]]
            color = _color(layout) if ours else OTHERS
            ax.hlines(at, some["low"], some["high"], color=color, lw=0.8)
            marker = "s" if layout == LAYOUTS[-1] else "o"
            face = color if ours else "white"
            ax.scatter(some["rate"], at, s=9, c=face, ec=color, lw=0.7, marker=marker, zorder=3)
    if claim is not None:
        ax.axvline(claim, color=FAINT, lw=0.8, zorder=0)
    if asks == FALSE_POSITIVES:  # a scale on which shares vary alike
        ax.set_xscale("function", functions=(_stretched, np.square))
        ax.set_xticks(TICKS, [f"{tick:g}" for tick in TICKS])
    ax.set_xlim(min(0.5, rows["low"].min() - 0.02) if asks == COVERAGE else 0.0, 1.02)
    ax.set_yticks(range(len(names)), names, fontsize=6)
    ax.set_ylim(len(names) - 0.5, -0.5)
    ax.set_xlabel(label, fontsize=7)
    plain(ax)
    ax.tick_params(axis="y", labelsize=6)


def _stretched(shares: NDArray[np.float64]) -> NDArray[np.float64]:
    return np.asarray(np.sqrt(np.maximum(shares, 0)))


def _color(layout: str) -> str:
    return COLORS[("", *LAYOUTS).index(layout)]


def _keys(table: pd.DataFrame) -> list[Artist]:
    keys: list[Artist] = []
    for layout in ("", *LAYOUTS):
        if table["drawn"].eq(layout).any():
            marker = "s" if layout == LAYOUTS[-1] else "o"
            said = layout or "layout as named"
            keys.append(line_key(f"ours, {said}", _color(layout), "", marker=marker, size=3.5))
    if table["method"].ne(OURS).any():
        keys.append(line_key("done otherwise, as named", OTHERS, "", marker="o", face="white"))
    return keys
