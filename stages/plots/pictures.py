"""Heat maps and curves, drawn for a page of a paper."""

import math

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.ticker import MaxNLocator

from stages.plots.tables import grid

INK, FAINT, NULL, CEILING, NUISANCE = "#222222", "#999999", "#d9d9d9", "#b2182b", "#2166ac"
HIDDEN, ATTENTION = "#1b7837", "#9970ab"
KINDS = {"hidden": "hidden states", "attention": "attention"}
WIDEST = 8.0  # inches for the cells of a heat map, until they are as narrow as can be read
CELL = (0.13, 0.42)  # least and greatest width of a cell, in inches
LABEL = 0.2  # inches that the number of a layer takes
SOFTEST = 0.05  # score of full colour where all scores are smaller


def heat_map(table: pd.DataFrame, by: str, title: str) -> Figure:
    """Draw held-out r of every row (region or family) and layer.

    Hidden states, attention, controls and the ceiling stand apart, on one colour scale that is
    symmetric about 0. A dot marks q below .05 (for averages, of most of what is averaged), grey
    what was not measured.

    Parameters
    ----------
    table : DataFrame
        As made by `encoding_table` or `probing_table`.
    by : str
        `region` or `family`.
    title : str
    """
    panels = _panels(table, by)
    widths = [len(scores.columns) for scores, _ in panels.values()]
    cell = min(max(WIDEST / sum(widths), CELL[0]), CELL[1])
    size = (2.6 + cell * sum(widths), 1.6 + 0.24 * table[by].nunique())
    figure = Figure(figsize=size, layout="constrained")
    axes = figure.subplots(1, len(panels), width_ratios=widths, sharey=True, squeeze=False)[0]
    top = max(SOFTEST, *(np.nanmax(abs(scores.to_numpy())) for scores, _ in panels.values()))
    for ax, (kind, (scores, marks)) in zip(axes, panels.items(), strict=True):
        image = ax.imshow(scores, cmap="RdBu_r", vmin=-top, vmax=top, aspect="auto")
        _dots(ax, scores, marks, top)
        _label(ax, scores, every=math.ceil(LABEL / cell))
        ax.set_title(KINDS.get(kind, ""), fontsize=8)
        ax.set_xlabel("layer" if kind in KINDS else "", fontsize=8)
    bar = figure.colorbar(image, ax=list(axes), pad=0.01, aspect=max(5, table[by].nunique()))
    bar.set_label("held-out r", fontsize=8)
    bar.ax.tick_params(labelsize=7)
    bar.outline.set_visible(False)
    label = "q < .05" if by == "region" else "q < .05 for most features"
    dot = Line2D([], [], marker="o", ms=2.5, lw=0, color=INK, label=label)
    figure.legend(handles=[dot], loc="outside lower right", fontsize=7, frameon=False)
    figure.suptitle(title, fontsize=9)
    return figure


def _panels(table: pd.DataFrame, by: str) -> dict[str, tuple[pd.DataFrame, pd.DataFrame]]:
    """Scores and marks of significance of each kind of layer; the ceiling comes last."""
    scores, marks = grid(table, by, "score"), grid(table, by, "significant")
    kinds = table.groupby("kind", sort=False)["layer"].unique()
    panels = {str(kind): (scores[layers], marks[layers]) for kind, layers in kinds.items()}
    ceiling = table.groupby(by, sort=False)[["ceiling"]].first()
    if ceiling["ceiling"].notna().any():
        panels["ceiling"] = (ceiling, 0 * ceiling)
    return panels


def _dots(ax: Axes, scores: pd.DataFrame, marks: pd.DataFrame, top: float) -> None:
    """Mark what is significant, in a colour that stands out from the cell's."""
    rows, columns = (marks.to_numpy() > 0.5).nonzero()
    dark = abs(scores.to_numpy()[rows, columns]) > 0.5 * top
    colors = ["white" if on_dark else INK for on_dark in dark]
    ax.scatter(columns, rows, s=4, c=colors, linewidths=0)


def _label(ax: Axes, scores: pd.DataFrame, every: int) -> None:
    """Name rows and columns; of layers, by number, as many as there is room for."""
    numbers = [str(name).rsplit("_", 1)[-1] for name in scores.columns]
    if all(number.isdigit() for number in numbers):
        at = range(0, len(numbers), every)
        ax.set_xticks(at, [str(int(numbers[i])) for i in at], fontsize=7)
    else:
        ax.set_xticks(range(len(numbers)), list(scores.columns), rotation=90, fontsize=7)
    names = [str(name).replace("_", " ") for name in scores.index]
    ax.set_yticks(range(len(names)), names, fontsize=7)
    ax.tick_params(length=0)
    ax.spines[:].set_visible(False)
    ax.set_facecolor(NULL)


def layer_curves(table: pd.DataFrame, title: str) -> Figure:
    """Draw held-out r along the depth of the model, one panel per region.

    The band holds 95 % of the null of the hidden states; lines mark the ceiling and what the
    nuisance variables alone reach.

    Parameters
    ----------
    table : DataFrame
        As made by `encoding_table`.
    title : str
    """
    regions = table["region"].unique()
    columns = math.ceil(math.sqrt(len(regions)))
    rows = math.ceil(len(regions) / columns)
    size = (1.9 * max(columns, 2) + 0.6, 1.6 * rows + 0.9)
    figure = Figure(figsize=size, layout="constrained")
    axes = list(figure.subplots(rows, columns, sharex=True, sharey=True, squeeze=False).flat)
    for ax, region in zip(axes, regions, strict=False):
        _curves(ax, table[table["region"] == region])
        ax.set_title(region.replace("_", " "), fontsize=8)
    for ax in axes[len(regions) :]:
        ax.remove()
    for ax in axes[: len(regions)][-columns:]:
        ax.set_xlabel("layer", fontsize=8)
        ax.tick_params(labelbottom=True)
    lines = {
        label: line
        for ax in axes[: len(regions)]
        for line, label in zip(*ax.get_legend_handles_labels(), strict=True)
    }
    figure.legend(
        list(lines.values()),
        list(lines),
        loc="outside lower center",
        ncols=5 if columns > 2 else 3,
        fontsize=7,
        frameon=False,
    )
    figure.supylabel("held-out r", fontsize=8)
    figure.suptitle(title, fontsize=9)
    return figure


def _curves(ax: Axes, table: pd.DataFrame) -> None:
    hidden = table[table["kind"] == "hidden"]
    band = (hidden["depth"], hidden["null_low"], hidden["null_high"])
    ax.fill_between(*band, color=NULL, lw=0, label="null (95 %)")
    for kind, color in (("hidden", HIDDEN), ("attention", ATTENTION)):
        rows = table[table["kind"] == kind]
        if len(rows):
            line = (rows["depth"], rows["score"], "o-")
            ax.plot(*line, ms=2.5, lw=1, color=color, label=KINDS[kind])
    nuisance = table[table["layer"] == "nuisance"]["score"]
    ceiling = table["ceiling"].dropna()
    if len(nuisance):
        ax.axhline(nuisance.iloc[0], color=NUISANCE, lw=0.8, ls=":", label="nuisance alone")
    if len(ceiling):
        ax.axhline(ceiling.iloc[0], color=CEILING, lw=0.8, ls="--", label="ceiling")
    ax.axhline(0, color=FAINT, lw=0.5)
    ax.xaxis.set_major_locator(MaxNLocator(integer=True, nbins=6))
    ax.spines[["top", "right"]].set_visible(False)
    ax.tick_params(labelsize=7)
