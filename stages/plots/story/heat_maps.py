"""Heat maps, drawn for a page of a paper."""

import math
from collections.abc import Mapping, Sequence
from itertools import chain

import numpy as np
import pandas as pd
from matplotlib.artist import Artist
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
    name_bands,
    name_families,
    paper,
    part_families,
    row_height,
    strongest,
)
from stages.plots.kit.planted import Truth, drivers, outline, outline_key

WIDEST = 8.0  # inches for the cells of a heat map, until they are as narrow as can be read
CELL = (0.13, 0.42)  # least and greatest width of a cell, in inches
LABEL = 0.2  # inches that the number of a layer takes
HIDDEN = "hidden"  # the kind of layers that regions can be driven by
UPHELD = f"{MOST}, in every test"
Panel = tuple[pd.DataFrame, pd.DataFrame]  # scores and marks of significance


def heat_map(
    tables: Mapping[str, pd.DataFrame], by: str, title: str, truth: Truth | None = None
) -> Figure:
    """Draw held-out r of every row (region or type of feature) and layer.

    Hidden states, attention, controls and the ceiling stand apart, on one colour scale that is
    symmetric about 0. A dot marks q below .05 (for averages, of most of what is averaged, in every
    test that was made), grey what was not measured. Types are grouped by family. Where it is known
    what drives regions, they are grouped by it, and the layers that do are outlined. Models stand
    one below the other.

    Parameters
    ----------
    tables : mapping of str to DataFrame
        By model, each as made by `encoding_table` or `probing_table`; they have the same rows and
        the same kinds of layers.
    by : str
        `region` or `type`.
    title : str
    truth : mapping of str to Planted, optional
        By region, what drives it; `by` is then `region`.
    """
    if truth:
        tables = {name: _by_driver(table, truth) for name, table in tables.items()}
    bands = [_layer_panels(table, by) for table in tables.values()]
    first = next(iter(tables.values()))
    groups: list[str] = []
    if "family" in first:
        groups = list(first.groupby(by, sort=False)["family"].first())
    planted = [
        _planted(panels, name, truth or {}) for name, panels in zip(tables, bands, strict=True)
    ]
    if truth:
        groups = drivers(first["region"].unique(), truth)
    keys: list[Artist] = [dot_key("q < .05" if by == "region" else UPHELD)]
    if any(map(len, planted)):
        keys.append(outline_key("layer planted"))
    figure, axes = _draw(bands, groups, keys, title)
    for row, panels, cells in zip(axes, bands, planted, strict=True):
        outline(row[list(panels).index(HIDDEN)] if cells else row[0], cells)
        for ax, kind in zip(row, panels, strict=True):
            ax.set_title(KINDS.get(kind, ""), fontsize=8)
            ax.set_xlabel("layer" if kind in KINDS else "", fontsize=8)
    name_bands([row[0] for row in axes], tables)
    return figure


def _by_driver(table: pd.DataFrame, truth: Truth) -> pd.DataFrame:
    """Set regions that the same drives one below the other."""
    return table.iloc[np.argsort(drivers(table["region"], truth), kind="stable")]


def _planted(panels: Mapping[str, Panel], model: str, truth: Truth) -> list[tuple[int, int]]:
    """Find the cells, among the hidden states, of the layers of a model that drive regions."""
    scores = panels[HIDDEN][0] if HIDDEN in panels else pd.DataFrame()
    layers = {name: place for place, name in enumerate(scores.columns)}
    rows = [(row, truth[name]) for row, name in enumerate(scores.index) if name in truth]
    return [
        (row, layers[one.layer]) for row, one in rows if one.model == model and one.layer in layers
    ]


def _layer_panels(table: pd.DataFrame, by: str) -> dict[str, Panel]:
    """Cut a table into kinds of layers, and add the ceiling if it is known."""
    panels = _panels(table, by, "layer", "kind")
    ceiling = table.groupby(by, sort=False)[["ceiling"]].first()
    if ceiling["ceiling"].notna().any():
        panels["ceiling"] = (ceiling, 0 * ceiling)
    return panels


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
    figure, axes = _draw([panels], list(blocks), [dot_key(MOST)], title)
    for ax, (family, (scores, _)) in zip(axes[0], panels.items(), strict=True):
        name = "" if list(scores.columns) == [family] else family.replace("_", " ")
        ax.set_title(name, fontsize=8)
    return figure


def _panels(table: pd.DataFrame, by: str, across: str, part: str) -> dict[str, Panel]:
    """Cut the columns (`across`) into panels, by what they are part of."""
    scores, marks = (grid(table, by, value, across) for value in ("score", "significant"))
    parts = table.groupby(part, sort=False)[across].unique()
    return {str(name): (scores[columns], marks[columns]) for name, columns in parts.items()}


def _draw(
    bands: Sequence[Mapping[str, Panel]], groups: Sequence[str], keys: Sequence[Artist], title: str
) -> tuple[Figure, list[list[Axes]]]:
    """Draw bands of panels, with groups of rows named where there is more than one."""
    panels = [list(band.values()) for band in bands]
    rows = [str(name) for name in panels[0][0][0].index]
    widths = [len(scores.columns) for scores, _ in panels[0]]
    cell = min(max(WIDEST / sum(widths), CELL[0]), CELL[1])
    margin = max(2.6, 1.6 + label_width([*rows, ""]))
    tall = row_height(len(rows) * len(bands)) * len(rows)
    figure = paper(margin + cell * sum(widths), 0.5 + (1.1 + tall) * len(bands))
    shape = (len(bands), len(widths))
    axes = figure.subplots(*shape, width_ratios=widths, sharey=True, squeeze=False)
    top = strongest(scores for band in panels for scores, _ in band)
    for ax, (scores, marks) in zip(axes.flat, chain(*panels), strict=True):
        image = draw_panel(ax, scores, marks, top, every=math.ceil(LABEL / cell))
    if len(set(groups)) > 1:
        part_families(list(axes.flat), groups)
        for ax in axes[:, 0]:
            name_families(figure, ax, groups)
    finish(figure, image, keys, title, aspect=max(5, len(rows) * len(bands)))
    return figure, [list(row) for row in axes]
