"""Models as named dots in panels; where they are many, by numbers that a list explains."""

import math
from collections.abc import Sequence

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.ticker import NullFormatter, ScalarFormatter
from numpy.typing import NDArray

from stages.plots.kit.model_lines import COLORS, MARKERS
from stages.plots.kit.multiples import plain
from stages.plots.kit.panels import FAINT, INK, paper
from stages.plots.kit.picture import set_title
from stages.plots.language.relation_numbers import related

PANEL = (3.0, 2.9)  # inches
COLUMNS = 3
NAMED = 12  # models whose names stand beside their dots; more are numbered
LIST = 2.6  # inches of the list of names
PLACES = 0.8 * np.array(  # of labels beside their dots, in points right and up, nearest first
    [
        (far * x, far * y)
        for far in (4, 8, 13, 19)
        for x, y in ((1, 0), (-1, 0), (0, 1), (0, -1), (1, 1), (-1, 1), (1, -1), (-1, -1))
    ]
)
NEAR = 2.0  # pixels that a label keeps from a dot
Array = NDArray[np.float64]
LINE = {"arrowstyle": "-", "lw": 0.3, "color": FAINT, "shrinkA": 0, "shrinkB": 1}  # to a dot
LETTERS = 5.0  # points
Style = dict[str, tuple[str, str]]  # colour and marker, by lineage


def model_scatter(
    table: pd.DataFrame,
    title: str,
    *,
    less_is_better: bool = False,
    log: bool = False,
) -> Figure:
    """Draw one dot per model in every panel, with r over the models.

    Parameters
    ----------
    table : DataFrame
        From `model_points`, with at least one row.
    title : str
    less_is_better : bool
        Turn the horizontal axis, and the sign of r.
    log : bool
        Logarithmic horizontal axis; r is of the quantity itself, and told of its logarithm too.
    """
    panels = list(table.groupby("panel", sort=False))
    names = _names(table)
    numbered = len(names) > NAMED
    columns = min(len(panels), COLUMNS)
    rows = math.ceil(len(panels) / columns)
    width = max(PANEL[0] * columns + (LIST if numbered else 0.2), 4.5)
    figure = paper(width, max(PANEL[1] * rows + 0.4, 5.4 if numbered else 0))
    axes = list(figure.subplots(rows, columns, squeeze=False).flat)
    for ax in axes[len(panels) :]:
        ax.remove()
    style = _style(table)
    for ax, (name, own) in zip(axes, panels, strict=False):
        _dots(ax, own, style, log=log)
        told = related(own, less_is_better=less_is_better).told
        if log:
            logs = related(own.assign(x=np.log(own["x"])), less_is_better=less_is_better)
            told += f"; of its log {logs.r:.3f}"
        ax.set_title(f"{name}\n{told}", fontsize=7.5)
        ax.set_xlabel(own["across"].iloc[0], fontsize=7)
        ax.set_ylabel(own["up"].iloc[0], fontsize=7)
        if less_is_better:
            ax.invert_xaxis()
    if numbered:
        _list(figure, table, names, style)
    set_title(figure, title)
    figure.draw_without_rendering()
    for ax, (_, own) in zip(axes, panels, strict=False):
        labels = [str(names.index(one) + 1) if numbered else one for one in own["model"]]
        _label(ax, own, labels)
    return figure


def _names(table: pd.DataFrame) -> list[str]:
    """List the models, those of a lineage together, large lineages first."""
    each = table.drop_duplicates("model")
    size = each.groupby("lineage")["model"].transform("size")
    order = each.assign(size=-size).sort_values(["size", "lineage", "model"], kind="stable")
    return [str(name) for name in order["model"]]


def _style(table: pd.DataFrame) -> Style:
    """Give lineages a colour and a marker, the largest first."""
    each = table.drop_duplicates("model")
    order = (
        each["lineage"]
        .value_counts(sort=True)
        .sort_index()
        .sort_values(ascending=False, kind="stable")
    )
    return {
        str(name): (COLORS[at % len(COLORS)], MARKERS[at // len(COLORS) % len(MARKERS)])
        for at, name in enumerate(order.index)
    }


def _dots(ax: Axes, table: pd.DataFrame, style: Style, *, log: bool) -> None:
    plain(ax)
    for name, rows in table.groupby("lineage", sort=False):
        color, marker = style[str(name)]
        ax.plot(rows["x"], rows["y"], marker, color=color, ms=3.5, mew=0)
    if log:
        ax.set_xscale("log")
        ax.xaxis.set_major_formatter(ScalarFormatter())
        ax.xaxis.set_minor_formatter(NullFormatter())
    ax.margins(0.09)
    if table["alike"].all():
        lows, highs = zip(ax.get_xlim(), ax.get_ylim(), strict=True)
        ends = [min(lows), max(highs)]
        if len(table) <= NAMED:  # there is room for the whole line
            ax.set(xlim=ends, ylim=ends)
        ax.plot(ends, ends, color=FAINT, lw=0.6, zorder=0, scalex=False, scaley=False)


def _list(figure: Figure, table: pd.DataFrame, names: Sequence[str], style: Style) -> None:
    """Explain numbers, colours and markers."""
    lineages = table.drop_duplicates("model").set_index("model")["lineage"]
    keys = []
    for at, name in enumerate(names):
        color, marker = style[str(lineages[name])]
        keys.append(
            Line2D([], [], color=color, marker=marker, ls="", ms=4, label=f"{at + 1} {name}")
        )
    figure.legend(
        handles=keys, loc="outside right upper", fontsize=6, frameon=False, labelspacing=0.25,
        handletextpad=0.1,
    )  # fmt: skip


def _label(ax: Axes, table: pd.DataFrame, labels: Sequence[str]) -> None:
    """Write a label beside every dot, where it covers fewest dots and other labels."""
    dots = ax.transData.transform(table[["x", "y"]].to_numpy(float))
    pixels, frame = ax.figure.dpi / 72, np.ravel(ax.get_window_extent().get_points())
    taken = np.empty((0, 4))
    points = table[["x", "y"]].itertuples(index=False)
    for dot, point, label in zip(dots, points, labels, strict=True):
        text = ax.annotate(
            label, tuple(point), xytext=(0, 0), textcoords="offset points", ha="center",
            va="center", fontsize=LETTERS, color=INK, arrowprops=LINE,
        )  # fmt: skip
        text.set_in_layout(False)
        extent = text.get_window_extent()
        half = np.array([extent.width, extent.height]) / 2
        middles = dot + pixels * PLACES + half * np.sign(PLACES)
        boxes = np.hstack([middles - half, middles + half])
        best = int(np.argmin(_costs(boxes, frame, taken, dots)))
        taken = np.vstack([taken, boxes[best]])
        text.set_position(tuple((middles[best] - dot) / pixels))


def _costs(boxes: Array, frame: Array, taken: Array, dots: Array) -> Array:
    """Weigh what labels cover at each place: the edge most, then other labels, then dots.

    Boxes, the frame and labels are left, bottom, right and top, in pixels.
    """
    outside = (boxes[:, :2] < frame[:2]).any(axis=1) | (boxes[:, 2:] > frame[2:]).any(axis=1)
    low, high = boxes[:, None, :2], boxes[:, None, 2:]
    labels = ((low < taken[:, 2:]) & (taken[:, :2] < high)).all(axis=2).sum(axis=1)
    covered = ((low - NEAR < dots) & (dots < high + NEAR)).all(axis=2).sum(axis=1)
    costs: Array = 5.0 * outside + 3.0 * labels + covered
    return costs
