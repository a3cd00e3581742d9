"""How alike the profiles of regions and layers are, drawn for a page of a paper."""

import math
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd
from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.image import AxesImage
from matplotlib.patches import Patch, Rectangle
from numpy.typing import NDArray

from stages.plots.kit.averages import grid
from stages.plots.kit.panels import (
    INK,
    KINDS,
    dot_key,
    draw_panel,
    finish,
    ink,
    label_width,
    name_bands,
    name_families,
    paper,
    part_families,
    row_height,
    strongest,
)
from stages.plots.story.profiles import ALL

WIDEST = 9.0  # inches for the cells of one band of panels
PAGE = 6.9  # inches across a page in print
CELL = (0.1, 0.42)  # least and greatest width of a cell, in inches
SLIM, THIN = 0.13, 0.17  # width and height of a cell without a number, in inches
ROOM = (0.25, 0.19)  # width and height of a cell that a number needs, in inches
NARROWEST = 4.5  # inches of the figure, for its title
LABEL = 0.2  # inches that the number of a layer takes
CORNER = (0.34, -0.26)  # where in a cell the dot leaves room for the number
SCALE = "Spearman correlation of profiles"
PREFERRED = "layer preferred, q < .05"


@dataclass(frozen=True)
class Panel:
    """One family of features and one kind of layers.

    Attributes
    ----------
    title : str
    layers : int
        How many columns are layers.
    scores, significant, preferred : DataFrame
        One row per region; one column per layer, and two for the null and the ceiling, the means
        over the layers.
    """

    title: str
    layers: int
    scores: pd.DataFrame
    significant: pd.DataFrame
    preferred: pd.DataFrame


def similarity_map(tables: Mapping[str, pd.DataFrame], title: str) -> Figure:
    """Draw the similarity of every region, by hemisphere, and layer, as colour and as number.

    One panel per kind of layers and family of features, on one colour scale that is symmetric
    about 0; the null and the ceiling of a region, averaged over the layers, end each panel. A dot
    marks q below .05, an outline the layer that the region prefers with q below .05. Numbers are
    left out where cells are too small for them. Models stand one below the other.

    Parameters
    ----------
    tables : mapping of str to DataFrame
        By model, rows of `similarity_table`, at least one; of the same regions and kinds of layers.
    title : str
    """
    first = next(iter(tables.values()))
    bands = [band for table in tables.values() for band in _bands(table)]
    panels = [panel for band in bands for panel in band]
    blocks = list(first.groupby("region", sort=False)["block"].first())
    widths = [panel.scores.shape[1] for panel in bands[0]]
    beside, families = (
        1.6 + label_width(first["region"].unique()),
        len(first["family"].unique()) > 1,
    )
    cell, row, numbers = _cell(sum(widths), row_height(len(blocks)), beside, families=families)
    width = beside + cell * sum(widths)
    figure = paper(max(width, NARROWEST), 1.0 + len(bands) * (0.7 + row * len(blocks)))
    axes = figure.subplots(len(bands), len(widths), width_ratios=widths, sharey=True, squeeze=False)
    top = strongest(panel.scores for panel in panels)
    for ax, panel in zip(axes.flat, panels, strict=True):
        image = _draw(ax, panel, top, numbers=numbers, every=math.ceil(LABEL / cell))
    part_families(list(axes.flat), blocks)
    if len(set(blocks)) > 1:
        for ax in axes[:, 0]:
            name_families(figure, ax, blocks)
    name_bands(axes[:: len(bands) // len(tables), 0], tables)
    keys: list[Artist] = [dot_key("q < .05")]
    if any((table["preferred"] > 0).any() for table in tables.values()):
        keys.append(Patch(fill=False, ec=INK, lw=0.9, label=PREFERRED))
    finish(figure, image, keys, title, aspect=max(5, len(blocks) * len(bands)), scale=SCALE)
    return figure


def _cell(columns: int, row: float, beside: float, *, families: bool) -> tuple[float, float, bool]:
    """Choose width and height of cells, beside other things, and if numbers are written into them.

    Families side by side fit across a page, if cells of some width do.
    """
    cell = min(max(WIDEST / columns, CELL[0]), CELL[1])
    width, fitting = beside + cell * columns, (PAGE - beside) / columns
    if families and fitting >= SLIM and cell * PAGE / width < ROOM[0]:
        return min(cell, fitting), min(row, THIN), False
    return cell, row, cell >= ROOM[0] and row >= ROOM[1]


def _bands(table: pd.DataFrame) -> list[list[Panel]]:
    """Set panels side by side if cells, or numbers, fit in, or else kinds of layers in bands."""
    kinds, families = table["kind"].unique(), table["family"].unique()
    bands = [[_panel(table, kind, family) for family in families] for kind in kinds]
    together = [panel for band in bands for panel in band]
    columns = sum(panel.scores.shape[1] for panel in together)
    least = ROOM[0] if row_height(len(together[0].scores)) >= ROOM[1] else CELL[0]
    return [together] if columns * least <= WIDEST else bands


def _panel(table: pd.DataFrame, kind: str, family: str) -> Panel:
    """Arrange one family and kind, with the null and the ceiling behind the layers."""
    rows = table[(table["kind"] == kind) & (table["family"] == family)]
    scores = grid(rows, "region", "score")
    both = rows.assign(null=(rows["null_low"] + rows["null_high"]) / 2)
    ends = both.groupby("region")[["null", "ceiling"]].mean().dropna(axis=1, how="all")
    significant, preferred = (
        grid(rows, "region", mark).reindex(columns=[*scores, *ends], fill_value=0)
        for mark in ("significant", "preferred")
    )
    title = KINDS[kind] if family == ALL else f"{family.replace('_', ' ')}\n{KINDS[kind]}"
    joined = scores.join(ends)
    return Panel(title, scores.shape[1], joined, significant, preferred)


def _draw(ax: Axes, panel: Panel, top: float, *, numbers: bool, every: int) -> AxesImage:
    """Draw a panel, and set the null and the ceiling apart from the layers."""
    dot = CORNER if numbers else (0.0, 0.0)
    image = draw_panel(ax, panel.scores, panel.significant, top, every=every, dot=dot)
    inks = ink(panel.scores, top)
    if numbers:
        _write(ax, panel.scores, inks)
    for row, column in np.argwhere(panel.preferred.to_numpy() > 0):
        edge = Rectangle((column - 0.44, row - 0.42), 0.88, 0.84, fill=False, lw=0.9)
        edge.set_edgecolor(inks[row, column])
        ax.add_patch(edge)
    ax.axvline(panel.layers - 0.5, color="white", lw=2)
    ax.set_title(panel.title, fontsize=8)
    ax.set_xlabel("layer", loc="left", labelpad=-12, fontsize=8)  # beside the name of the null
    return image


def _write(ax: Axes, scores: pd.DataFrame, inks: NDArray[np.str_]) -> None:
    """Write every score into its cell."""
    for (row, column), score in np.ndenumerate(scores.to_numpy(float)):
        text = ax.text(column, row, short(score), ha="center", va="center_baseline", fontsize=6)
        text.set_color(str(inks[row, column]))


def short(score: float) -> str:
    """Write a correlation in as few signs as two digits take; nothing if it is missing."""
    if np.isnan(score):
        return ""
    digits = f"{abs(score):.2f}".removeprefix("0").replace("1.00", "1").replace(".00", "0")
    return digits if score > 0 or digits == "0" else f"\N{MINUS SIGN}{digits}"
