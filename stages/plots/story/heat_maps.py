"""Heat maps, drawn for a page of a paper."""

import math
from collections.abc import Mapping, Sequence

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from stages.plots.kit.averages import grid
from stages.plots.kit.panels import (
    KINDS,
    MOST,
    dot_key,
    draw_panel,
    finish,
    label_width,
    name_families,
    paper,
    part_families,
    row_height,
    strongest,
)

WIDEST = 8.0  # inches for the cells of a heat map, until they are as narrow as can be read
CELL = (0.13, 0.42)  # least and greatest width of a cell, in inches
LABEL = 0.2  # inches that the number of a layer takes
Panel = tuple[pd.DataFrame, pd.DataFrame]  # scores and marks of significance


def heat_map(table: pd.DataFrame, by: str, title: str) -> Figure:
    """Draw held-out r of every row (region or type of feature) and layer.

    Hidden states, attention, controls and the ceiling stand apart, on one colour scale that is
    symmetric about 0. A dot marks q below .05 (for averages, of most of what is averaged), grey
    what was not measured. Types are grouped by family.

    Parameters
    ----------
    table : DataFrame
        As made by `encoding_table` or `probing_table`.
    by : str
        `region` or `type`.
    title : str
    """
    panels = _panels(table, by, "layer", "kind")
    ceiling = table.groupby(by, sort=False)[["ceiling"]].first()
    if ceiling["ceiling"].notna().any():
        panels["ceiling"] = (ceiling, 0 * ceiling)
    groups: list[str] = []
    if "family" in table:
        groups = list(table.groupby(by, sort=False)["family"].first())
    dot = "q < .05" if by == "region" else MOST
    figure, axes = _draw(panels, groups, dot, title)
    for ax, kind in zip(axes, panels, strict=True):
        ax.set_title(KINDS.get(kind, ""), fontsize=8)
        ax.set_xlabel("layer" if kind in KINDS else "", fontsize=8)
    return figure


def type_map(table: pd.DataFrame, title: str) -> Figure:
    """Draw held-out r of every region, by hemisphere, and type of feature, by family.

    Colours, dots and grey are those of `heat_map`.

    Parameters
    ----------
    table : DataFrame
        As made by `decoding_table`, with at least one row.
    title : str
    """
    panels = _panels(table, "region", "type", "family")
    blocks = table.groupby("region", sort=False)["block"].first()
    figure, axes = _draw(panels, list(blocks), MOST, title)
    for ax, (family, (scores, _)) in zip(axes, panels.items(), strict=True):
        name = "" if list(scores.columns) == [family] else family.replace("_", " ")
        ax.set_title(name, fontsize=8)
    return figure


def _panels(table: pd.DataFrame, by: str, across: str, part: str) -> dict[str, Panel]:
    """Cut the columns (`across`) into panels, by what they are part of."""
    scores, marks = (grid(table, by, value, across) for value in ("score", "significant"))
    parts = table.groupby(part, sort=False)[across].unique()
    return {str(name): (scores[columns], marks[columns]) for name, columns in parts.items()}


def _draw(
    panels: Mapping[str, Panel], groups: Sequence[str], dot: str, title: str
) -> tuple[Figure, list[Axes]]:
    """Draw panels side by side, with groups of rows named where there is more than one."""
    rows = [str(name) for name in next(iter(panels.values()))[0].index]
    widths = [len(scores.columns) for scores, _ in panels.values()]
    cell = min(max(WIDEST / sum(widths), CELL[0]), CELL[1])
    margin = max(2.6, 1.6 + label_width([*rows, ""]))
    figure = paper(margin + cell * sum(widths), 1.6 + row_height(len(rows)) * len(rows))
    axes = figure.subplots(1, len(panels), width_ratios=widths, sharey=True, squeeze=False)[0]
    top = strongest(scores for scores, _ in panels.values())
    for ax, (scores, marks) in zip(axes, panels.values(), strict=True):
        image = draw_panel(ax, scores, marks, top, every=math.ceil(LABEL / cell))
    if len(set(groups)) > 1:
        part_families(axes, groups)
        name_families(figure, axes[0], groups)
    finish(figure, image, [dot_key(dot)], title, aspect=max(5, len(rows)))
    return figure, list(axes)
