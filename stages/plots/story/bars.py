"""Families of features side by side, by layer and by region, drawn for a page of a paper."""

import math
from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd
from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.gridspec import SubplotSpec
from matplotlib.patches import Patch
from matplotlib.patheffects import withStroke
from matplotlib.transforms import ScaledTranslation

from stages.core.names.vocabulary import UNTRAINED
from stages.plots.kit.averages import grid
from stages.plots.kit.multiples import line_key
from stages.plots.kit.palette import MODALITIES, family_colors
from stages.plots.kit.panels import FAINT, INK, KINDS, NULL, dot_key, label_width, paper
from stages.plots.kit.picture import set_title

WIDTH = 8.0  # inches for the bars
SLOT = 0.2  # inches that the bars and the name of a region need
FEWEST = 4  # slots of a panel: fewer would be broad
HEIGHT = 1.6  # inches of a panel, without the names below it
LABEL = 0.2  # inches that the number of a layer takes
FILLED = 0.85  # share of a slot that its bars fill
TWIN = MODALITIES[UNTRAINED]
OUTLINE = withStroke(linewidth=2.4, foreground="white")  # so that a dash stands out from a bar
MARKS = {"white": "q < .05 for some", INK: "q < .05 for most"}


def grouped_bars(tables: Mapping[str, pd.DataFrame], title: str) -> Figure:
    """Draw the similarity of profiles within families, by layer and by region.

    Bars stand before 95 % of their null, dashes across them are the untrained twin. A dot marks q
    below .05 for most of the regions or layers that are averaged, a ring for some.

    Parameters
    ----------
    tables : mapping of str to DataFrame
        By model, the model itself and its twin if there is one; as made by `contrast_table`, with
        at least one row.
    title : str
    """
    table = _beside(list(tables.values()))
    colors = family_colors(table["family"].unique())
    layers, regions = (table[table["by"] == by] for by in ("layer", "region"))
    names = list(regions["name"].unique())
    bands = math.ceil(len(names) * SLOT / WIDTH)
    slots = math.ceil(len(names) / bands)
    height = 0.9 + HEIGHT + bands * (HEIGHT + label_width(names))
    figure = paper(WIDTH + 0.7, height)
    cells = figure.add_gridspec(1 + bands, 1)
    _layers(figure, cells[0], layers, colors)
    for band in range(bands):
        ax = figure.add_subplot(cells[1 + band], sharey=figure.axes[0])
        rows = regions[regions["name"].isin(names[band * slots : (band + 1) * slots])]
        _draw(ax, rows, colors, max(slots, FEWEST))
        _name(ax, rows)
        ax.set_title("" if band else "regions (mean over hidden layers)", fontsize=8)
    _explain(figure, colors, list(table["family"].unique()), list(tables)[1:])
    set_title(figure, title)
    return figure


def _beside(tables: Sequence[pd.DataFrame]) -> pd.DataFrame:
    """Add the scores of the twin, if there is one, as a column."""
    table, by = tables[0], ["by", "name", "kind", "family"]
    for twin in tables[1:]:
        scores = twin[[*by, "score"]].rename(columns={"score": "twin"})
        table = table.merge(scores, "left", on=by)
    return table


def _layers(
    figure: Figure, cell: SubplotSpec, table: pd.DataFrame, colors: Mapping[str, str]
) -> None:
    """Draw one panel per kind of layers, with as many numbers as there is room for."""
    kinds = {KINDS[str(kind)]: rows for kind, rows in table.groupby("kind", sort=False)}
    widths = [max(rows["name"].nunique(), FEWEST) for rows in kinds.values()]
    every = math.ceil(LABEL * sum(widths) / WIDTH)
    parts = cell.subgridspec(1, len(kinds), width_ratios=widths)
    first: Axes | None = None
    for column, (kind, rows) in enumerate(kinds.items()):
        ax = figure.add_subplot(parts[column], sharey=first)
        first = first or ax
        names = rows["name"].unique()
        _draw(ax, rows, colors, max(len(names), FEWEST))
        at = range(0, len(names), every)
        ax.set_xticks(at, [str(int(names[i].rsplit("_", 1)[-1])) for i in at])
        ax.set_xlabel("layer", fontsize=8)
        ax.set_title(f"{kind} (mean over regions)", fontsize=8)
        ax.tick_params(labelleft=ax is first)


def _draw(ax: Axes, rows: pd.DataFrame, colors: Mapping[str, str], slots: int) -> None:
    """Draw one group of bars per name, each bar before its null and under its mark."""
    score, low, high, share = (
        grid(rows, "name", value, "family")
        for value in ("score", "null_low", "null_high", "significant")
    )
    twin = grid(rows, "name", "twin", "family") if "twin" in rows else None
    width = FILLED / score.shape[1]
    above = ax.transData + ScaledTranslation(0, 4 / 72, ax.figure.dpi_scale_trans)
    for i, family in enumerate(score.columns.astype(str)):
        at = np.arange(len(score)) + (i - (score.shape[1] - 1) / 2) * width
        ax.bar(at, high[family] - low[family], 0.9 * width, bottom=low[family], color=NULL)
        ax.bar(at, score[family], 0.6 * width, color=colors[family])
        top = np.maximum(score[family], high[family])
        if twin is not None:
            ends = at - 0.45 * width, at + 0.45 * width
            ax.hlines(twin[family], *ends, color=TWIN, lw=1.4, path_effects=[OUTLINE])
            top = np.maximum(top, twin[family])
        some = share[family] > 0
        fill = np.where(share[family] > 0.5, INK, "white")[some]
        ax.scatter(at[some], top[some], s=5, c=fill, ec=INK, lw=0.5, transform=above)
    ax.axhline(0, color=FAINT, lw=0.5)
    ax.set_xlim(-0.6, slots - 0.4)
    ax.use_sticky_edges = False  # so that bars do not touch the frame
    ax.margins(y=0.1)
    ax.spines[["top", "right"]].set_visible(False)
    ax.tick_params(labelsize=7)
    ax.tick_params(axis="x", length=0)


def _name(ax: Axes, rows: pd.DataFrame) -> None:
    """Name regions, with a line between hemispheres."""
    blocks = rows.groupby("name", sort=False)["block"].first()
    names = [name.replace("_", " ") for name in blocks.index]
    ax.set_xticks(range(len(names)), names, rotation=90)
    for at in np.flatnonzero(blocks.to_numpy()[1:] != blocks.to_numpy()[:-1]):
        ax.axvline(at + 0.5, color=FAINT, lw=0.5, ls=":")


def _explain(
    figure: Figure, colors: Mapping[str, str], families: Sequence[str], twins: Sequence[str]
) -> None:
    """Add the legend and the name of the scale."""
    keys: list[Artist] = [
        Patch(color=colors[name], label=name.replace("_", " ")) for name in families
    ]
    keys += [line_key(name, TWIN) for name in twins]
    keys.append(Patch(color=NULL, label="null (95 %)"))
    keys += [dot_key(meaning, fill, size=3) for fill, meaning in MARKS.items()]
    figure.legend(
        handles=keys, loc="outside lower center", ncols=len(keys), fontsize=7, frameon=False
    )
    figure.supylabel("Spearman correlation of profiles", fontsize=8)
